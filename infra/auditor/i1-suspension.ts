import { common, type exchangeStatus } from '@aeo/proto';
import {
  isNewer,
  revisionKey,
  type Credit,
  type DecisionRow,
  type AuditRow,
  type OperatorRow,
  type TopicRecord,
} from './audited-state.ts';
import { inOrder } from './i6-order.ts';
import { startComparison, type Comparison, type Finding } from './report.ts';
import type { PriorityEntry, TranscriptEntry } from './transcript.ts';
import { suspensionsIn, type Suspension, type SuspensionSources } from './suspensions.ts';

export type SuspensionRecords = SuspensionSources & {
  boundMs: number;
  decisions: readonly DecisionRow[];
  registered: readonly OperatorRow[];
  partners: readonly TopicRecord<exchangeStatus.PartnerStatus>[];
};

/**
 * I1 inside an administration: no recorded benefit that was decided at or after max(answered, effective from) + T, none
 * whose `as_of` is not older than the answer, and none by an instance that had seen the suspension; no GetPriority
 * request sent after the bound gets a benefit. A partner's suspension counts from when our exchange sent it to Kafka
 * until it sent the reinstatement; between administrations the bound is the list's validity. Clocks of clients are taken as the databases': one machine runs both.
 */
export function noBenefitAfterSuspension(records: SuspensionRecords): Finding {
  const found = startComparison('I1');
  const suspensions = suspensionsIn(records);
  const byCertificate = Map.groupBy(suspensions, ({ certificateId }) => certificateId);
  const granted = new Set(
    records.audit
      .filter(({ type }) => type === 'CertificateGranted')
      .map(({ certificateId }) => certificateId),
  );
  for (const decision of records.decisions) {
    for (const credit of decision.credits) {
      if (credit.source !== 'registry') continue;
      const key = revisionKey(decision);
      found.expect(
        granted.has(credit.certificateId),
        'a benefit of a certificate that was not granted',
        key,
        credit,
      );
      for (const suspension of byCertificate.get(credit.certificateId) ?? [])
        checkBenefit(found, decision, credit, suspension, records.boundMs);
    }
  }
  checkAnswers(found, records, suspensions);
  checkPartners(found, records);
  return found.finding();
}

function checkBenefit(
  found: Comparison,
  decision: DecisionRow,
  credit: Credit,
  suspension: Suspension,
  boundMs: number,
): void {
  const { knownAt, effectiveFrom, reinstated: lifted } = suspension;
  if (lifted !== undefined && !isNewer(lifted.version, credit.version)) return;
  const { decidedAt, evaluatedAt, asOf } = decision;
  const evidence = { decidedAt, asOf: asOf.registry, seen: credit.version, suspension };
  const key = revisionKey(decision);
  if (!isNewer(suspension.version, credit.version)) {
    found.expect(
      evaluatedAt < effectiveFrom,
      'a benefit by an instance that had seen the suspension',
      key,
      evidence,
    );
    return;
  }
  if (knownAt === undefined) return;
  const inTime = decidedAt < Math.max(knownAt, effectiveFrom) + boundMs;
  found.expect(inTime, 'a benefit after the bound', key, evidence);
  const older = asOf.registry === undefined || asOf.registry < knownAt;
  found.expect(older, 'a benefit as of a time after the suspension', key, evidence);
}

type Without = { from: number; until: number };

function checkAnswers(
  found: Comparison,
  records: SuspensionRecords,
  suspensions: readonly Suspension[],
): void {
  const owners = Map.groupBy(
    records.registered.flatMap(({ operatorId, identifiers }) =>
      identifiers.map((identifier) => ({ operatorId, key: identifierKey(identifier) })),
    ),
    ({ key }) => key,
  );
  const spans = spansWithout(records.audit, suspensions);
  for (const entry of records.transcripts.filter(isPriority)) {
    const [owner, ...others] = owners.get(identifierKey(entry.identifier)) ?? [];
    if (owner === undefined || others.length > 0 || entry.answer === undefined) continue;
    for (const { from, until } of spans.get(owner.operatorId) ?? []) {
      if (entry.askedAt < from + records.boundMs || entry.answeredAt >= until) continue;
      const { askedAt } = entry;
      found.expect(!entry.answer.priority, 'priority after the bound', owner.key, { askedAt, from, until });
    }
  }
}

/** When each operator had no certificate in force, from when it was known and effective. */
function spansWithout(
  audit: readonly AuditRow[],
  suspensions: readonly Suspension[],
): Map<string, Without[]> {
  const at = new Map(suspensions.map((each) => [`${each.certificateId}/${each.version.number}`, each]));
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

function checkPartners(found: Comparison, { partners, decisions, boundMs }: SuspensionRecords): void {
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

function partnerSpans(partners: SuspensionRecords['partners']): Map<string, Without[]> {
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
