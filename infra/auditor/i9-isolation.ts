import type { exchangeStatus, registryStatus } from '@aeo/proto';
import { revisionKey, type DecisionRow, type TopicRecord } from './history.ts';
import { inOrder } from './i6-order.ts';
import { comparing, type Finding } from './report.ts';

export type IsolationHistory = {
  boundMs: number;
  decisions: readonly DecisionRow[];
  operators: readonly TopicRecord<registryStatus.OperatorStatus>[];
  partners: readonly TopicRecord<exchangeStatus.PartnerStatus>[];
};

/**
 * I9, as far as records tell: a status record that cannot be read lets its key keep no benefit, from T after it was
 * sent until a later record of that key is sent. That other keys and decisions go on meanwhile is a matter of times
 * that are measured where a poison is sent, and not here.
 */
export function unreadableGivesNothing(history: IsolationHistory): Finding {
  const found = comparing('I9');
  const spans = [...spansOf(history.operators), ...spansOf(history.partners)];
  if (spans.length === 0) return found.finding();
  for (const decision of history.decisions) {
    for (const { operatorId, version } of decision.credits) {
      const { decidedAt } = decision;
      const span = spans.find(
        (each) =>
          each.operatorId === operatorId &&
          decidedAt >= each.from + history.boundMs &&
          decidedAt < each.until,
      );
      found.expect(span === undefined, 'a benefit on a record nobody can read', revisionKey(decision), {
        span,
        decidedAt,
        version,
      });
    }
  }
  return found.finding();
}

type Span = { operatorId: string; from: number; until: number };

function spansOf<Value>(records: readonly TopicRecord<Value>[]): Span[] {
  const spans: Span[] = [];
  for (const [key, own] of Map.groupBy(records, (record) => record.key)) {
    // Partner records have keys such as membership/arrangement/operator.
    const operatorId = key.split('/').at(-1) ?? key;
    let open: Span | undefined;
    for (const { value, sentAt } of inOrder(own)) {
      if (value === undefined && open === undefined) {
        open = { operatorId, from: sentAt, until: Infinity };
        spans.push(open);
      } else if (value !== undefined && open !== undefined) {
        open.until = sentAt;
        open = undefined;
      }
    }
  }
  return spans;
}
