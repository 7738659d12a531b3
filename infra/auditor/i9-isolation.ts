import type { exchangeStatus, registryStatus } from '@aeo/proto';
import { revisionKey, type DecisionRow, type TopicRecord } from './audited-state.ts';
import { inOrder } from './i6-order.ts';
import { startComparison, type Finding } from './report.ts';

export type IsolationRecords = {
  boundMs: number;
  decisions: readonly DecisionRow[];
  operators: readonly TopicRecord<registryStatus.OperatorStatus>[];
  partners: readonly TopicRecord<exchangeStatus.PartnerStatus>[];
};

/**
 * I9, as far as it is recorded: the key of a status record that cannot be read has no benefit from T after the record
 * was sent until a later record of that key is sent. That other keys and decisions continue meanwhile is measured by
 * the tests that send such a record.
 */
export function unreadableGivesNothing(records: IsolationRecords): Finding {
  const found = startComparison('I9');
  const spans = [...spansOf(records.operators), ...spansOf(records.partners)];
  if (spans.length === 0) return found.finding();
  for (const decision of records.decisions) {
    for (const { operatorId, version } of decision.credits) {
      const { decidedAt } = decision;
      const span = spans.find(
        (each) =>
          each.operatorId === operatorId &&
          decidedAt >= each.from + records.boundMs &&
          decidedAt < each.until,
      );
      found.expect(span === undefined, 'a benefit on an unreadable record', revisionKey(decision), {
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
