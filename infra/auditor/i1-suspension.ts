import { common, type exchangeStatus } from '@aeo/proto';
import {
  isNewer,
  revisionKey,
  type Credit,
  type DecisionRow,
  type AuditRow,
  type OperatorRow,
  type TopicRecord,
} from './history.ts';
import { inOrder } from './i6-order.ts';
import { comparing, type Comparing, type Finding } from './report.ts';
import type { PriorityEntry, TranscriptEntry } from './transcript.ts';
import { withdrawalsOf, type Withdrawal, type WithdrawalSources } from './withdrawals.ts';

export type SuspensionHistory = WithdrawalSources & {
  boundMs: number;
  decisions: readonly DecisionRow[];
  registered: readonly OperatorRow[];
  partners: readonly TopicRecord<exchangeStatus.PartnerStatus>[];
};

/**
 * I1 inside an administration: no recorded benefit that was decided at or after max(answered, effective from) + T, none
 * whose `as_of` is not older than the answer, and none by whoever had seen the suspension; no answer of GetPriority to
 * a question asked after the bound. What a partner suspended counts from when our exchange sent it to Kafka, until it
 * sent that the suspension was lifted; between administrations the bound is the list's validity. Clocks of clients count as the databases' here: one machine runs both.
 */
export function noBenefitAfterSuspension(history: SuspensionHistory): Finding {
  const found = comparing('I1');
  const withdrawals = withdrawalsOf(history);
  const byCertificate = Map.groupBy(withdrawals, ({ certificateId }) => certificateId);
  const granted = new Set(
    history.audit
      .filter(({ type }) => type === 'CertificateGranted')
      .map(({ certificateId }) => certificateId),
  );
  for (const decision of history.decisions) {
    for (const credit of decision.credits) {
      if (credit.source !== 'registry') continue;
      const key = revisionKey(decision);
      found.expect(
        granted.has(credit.certificateId),
        'a benefit of a certificate nobody granted',
        key,
        credit,
      );
      for (const withdrawal of byCertificate.get(credit.certificateId) ?? [])
        judge(found, decision, credit, withdrawal, history.boundMs);
    }
  }
  judgeAnswers(found, history, withdrawals);
  judgePartners(found, history);
  return found.finding();
}

function judge(
  found: Comparing,
  decision: DecisionRow,
  credit: Credit,
  withdrawal: Withdrawal,
  boundMs: number,
): void {
  const { knownAt, effectiveFrom, lifted } = withdrawal;
  if (lifted !== undefined && !isNewer(lifted.version, credit.version)) return;
  const { decidedAt, evaluatedAt, asOf } = decision;
  const evidence = { decidedAt, asOf: asOf.registry, seen: credit.version, withdrawal };
  const key = revisionKey(decision);
  if (!isNewer(withdrawal.version, credit.version)) {
    found.expect(evaluatedAt < effectiveFrom, 'a benefit by who had seen the suspension', key, evidence);
    return;
  }
  if (knownAt === undefined) return;
  const inTime = decidedAt < Math.max(knownAt, effectiveFrom) + boundMs;
  found.expect(inTime, 'a benefit after the bound', key, evidence);
  const older = asOf.registry === undefined || asOf.registry < knownAt;
  found.expect(older, 'a benefit as of a time after the suspension', key, evidence);
}

type Without = { from: number; until: number };

function judgeAnswers(
  found: Comparing,
  history: SuspensionHistory,
  withdrawals: readonly Withdrawal[],
): void {
  const owners = Map.groupBy(
    history.registered.flatMap(({ operatorId, identifiers }) =>
      identifiers.map((identifier) => ({ operatorId, key: identifierKey(identifier) })),
    ),
    ({ key }) => key,
  );
  const spans = spansWithout(history.audit, withdrawals);
  for (const entry of history.transcripts.filter(isPriority)) {
    const [owner, ...others] = owners.get(identifierKey(entry.identifier)) ?? [];
    if (owner === undefined || others.length > 0 || entry.answer === undefined) continue;
    for (const { from, until } of spans.get(owner.operatorId) ?? []) {
      if (entry.askedAt < from + history.boundMs || entry.answeredAt >= until) continue;
      const { askedAt } = entry;
      found.expect(!entry.answer.priority, 'priority after the bound', owner.key, { askedAt, from, until });
    }
  }
}

/** When each operator had no certificate in force, from when it was known and effective. */
function spansWithout(
  audit: readonly AuditRow[],
  withdrawals: readonly Withdrawal[],
): Map<string, Without[]> {
  const at = new Map(withdrawals.map((each) => [`${each.certificateId}/${each.version.number}`, each]));
  const spans = new Map<string, Without[]>();
  const inForce = new Map<string, Set<string>>();
  const fromOf = new Map<string, number>();
  for (const { operatorId, certificateId, type, version, recordedAt } of audit) {
    const held = inForce.get(operatorId) ?? new Set();
    inForce.set(operatorId, held);
    const own = spans.get(operatorId) ?? [];
    spans.set(operatorId, own);
    if (type === 'CertificateGranted' || type === 'CertificateReinstated') {
      const last = own.at(-1);
      if (held.size === 0 && last !== undefined) last.until = Math.min(last.until, recordedAt);
      held.add(certificateId);
    }
    if (type === 'CertificateSuspended' || type === 'CertificateRevoked') {
      held.delete(certificateId);
      const { knownAt = Infinity, effectiveFrom = 0 } = at.get(`${certificateId}/${version}`) ?? {};
      const from = Math.max(knownAt, effectiveFrom, fromOf.get(operatorId) ?? 0);
      fromOf.set(operatorId, from);
      if (held.size === 0) own.push({ from, until: Infinity });
    }
  }
  return spans;
}

const identifierKey = ({ scheme, country, value }: PriorityEntry['identifier']) =>
  `${scheme}|${country}|${value}`;

function isPriority(entry: TranscriptEntry): entry is PriorityEntry {
  return entry.kind === 'priority';
}

function judgePartners(found: Comparing, { partners, decisions, boundMs }: SuspensionHistory): void {
  const spans = partnerSpans(partners);
  for (const decision of decisions) {
    for (const { source, operatorId } of decision.credits) {
      for (const { from, until } of spans.get(`suspension/${source}/${operatorId}`) ?? []) {
        const { decidedAt } = decision;
        const sound = decidedAt < from + boundMs || decidedAt >= until;
        found.expect(sound, 'a benefit of a partner after the bound', revisionKey(decision), {
          decidedAt,
          from,
          until,
        });
      }
    }
  }
}

function partnerSpans(partners: SuspensionHistory['partners']): Map<string, Without[]> {
  const spans = new Map<string, Without[]>();
  for (const [key, records] of Map.groupBy(inOrder(partners), (record) => record.key)) {
    const own: Without[] = [];
    for (const { value, sentAt } of records) {
      if (value?.record?.$case !== 'suspension') continue;
      const { status, times } = value.record.value;
      const open = own.at(-1);
      if (status === common.CertificateStatus.ACTIVE) {
        if (open !== undefined) open.until = Math.min(open.until, sentAt);
      } else if (open === undefined || open.until < Infinity)
        own.push({ from: Math.max(sentAt, times?.effectiveFrom?.getTime() ?? 0), until: Infinity });
    }
    if (own.length > 0) spans.set(key, own);
  }
  return spans;
}
