import { isDeepStrictEqual } from 'node:util';
import { loadRules, replayDecision } from '@aeo/aeo-registry';
import { createStatusView, type StatusView } from '@aeo/clearance-priority';
import { common, topics as declared, type exchangeStatus, type registryStatus } from '@aeo/proto';
import {
  isNewer,
  type ExchangeState,
  type OperatorRow,
  type PartnerRow,
  type ApplicationDecision,
  type RegistryState,
  type TopicsState,
} from './audited-state.ts';
import { inOrder } from './i6-order.ts';
import { startComparison, type Comparison, type Finding } from './report.ts';

export type ReplayRecords = {
  registry: Pick<RegistryState, 'operators' | 'applications'> | undefined;
  exchange: Pick<ExchangeState, 'partners' | 'received'> | undefined;
  topics: Pick<TopicsState, 'operators' | 'partners'>;
  country: string;
  at: Date;
  /** What a live node answered for some of the parties. */
  answers: readonly NodeAnswer[];
};

export type NodeAnswer = { identifier: Identifier; outcome: common.MatchOutcome };

const { CertificateStatus, Direction, MatchOutcome, PartyRole, TransportMode } = common;
type Identifier = OperatorRow['identifiers'][number];

/**
 * I10: the read model, built from the beginning of the topics by the border's own rules, equals Postgres at the same
 * versions, and what a live node answers; versions, status and dates are compared. And every decision on an
 * application is the same when it is replayed from the facts and the programme's version stored with it.
 */
export function replayEquals(records: ReplayRecords): Finding {
  const found = startComparison('I10');
  const view = rebuildView(records.topics, records.country);
  if (records.registry !== undefined) {
    operatorsEqual(found, records.registry.operators, records, view);
    applicationsEqual(found, records.registry.applications);
  }
  if (records.exchange !== undefined) partnersEqual(found, records.exchange, records, view);
  for (const { identifier, outcome: answered } of records.answers) {
    const outcome = outcomeOf(view, identifier, records);
    const key = `${identifier.scheme}|${identifier.country}|${identifier.value}`;
    found.expect(outcome === answered, 'a node that answers otherwise than the topics', key, {
      answered,
      outcome,
    });
  }
  return found.finding();
}

const rules = loadRules();

function applicationsEqual(found: Comparison, decisions: readonly ApplicationDecision[]): void {
  for (const { auditId, decidedOn, results } of decisions) {
    const result = replayDecision(decidedOn, rules);
    const key = `audit row ${auditId}`;
    const same = isDeepStrictEqual(result, results);
    found.expect(same, 'a replay of another decision on an application', key, { results, replayed: result });
  }
}

function rebuildView({ operators, partners }: ReplayRecords['topics'], country: string): StatusView {
  const view = createStatusView(country, declared.partnerStatus.partitions);
  for (const { key, value } of inOrder(operators)) {
    if (value?.operatorId === key) view.applyOperator(value);
    else view.blockOperator(key);
  }
  for (const { key, value, partition } of inOrder(partners)) {
    if (value === undefined) view.blockPartner(key, partition);
    else view.applyPartner(value, partition);
  }
  return view;
}

function operatorsEqual(
  found: Comparison,
  rows: readonly OperatorRow[],
  records: ReplayRecords,
  view: StatusView,
): void {
  const newest = new Map<string, registryStatus.OperatorStatus>();
  for (const { value } of inOrder(records.topics.operators)) {
    if (value === undefined) continue;
    const held = view.version('registry', value.operatorId);
    if (held?.number === value.version?.number && held?.epoch === value.version?.epoch)
      newest.set(value.operatorId, value);
  }
  for (const row of rows) {
    const { operatorId, version } = row;
    const held = view.version('registry', operatorId);
    const replayed = held && Number(held.number);
    found.expect(replayed === version, 'a replay of another version than Postgres', operatorId, {
      replayed,
      version,
    });
    if (replayed !== version) continue;
    const inPostgres = row.certificates.map(certificateText).sort();
    const onTopic = (newest.get(operatorId)?.components ?? []).map(componentText).sort();
    const same = inPostgres.join() === onTopic.join();
    found.expect(same, 'a replay of other certificates than Postgres', operatorId, { inPostgres, onTopic });
    for (const identifier of row.identifiers) statusEquals(found, row, identifier, view, records);
  }
}

const statusNames: Record<number, string> = {
  [CertificateStatus.ACTIVE]: 'active',
  [CertificateStatus.SUSPENDED]: 'suspended',
  [CertificateStatus.REVOKED]: 'revoked',
  [CertificateStatus.EXPIRED]: 'expired',
};

function certificateText({
  certificateId,
  component,
  tier,
  status,
  effectiveFrom,
}: OperatorRow['certificates'][number]) {
  return [certificateId, component, tier, status, effectiveFrom].join('|');
}

function componentText({
  certificateId,
  component,
  tier,
  status,
  times,
}: registryStatus.StatusComponent): string {
  return [certificateId, component, tier, statusNames[status], times?.effectiveFrom?.getTime()].join('|');
}

/** Where only this operator claims the identifier, a party under it has the operator's status. */
function statusEquals(
  found: Comparison,
  { operatorId, certificates }: OperatorRow,
  identifier: Identifier,
  view: StatusView,
  records: ReplayRecords,
): void {
  const { at } = records;
  const claimants = view.registry.operators(identifier, at);
  if (claimants.length !== 1) return;
  const suspended = new Set(
    certificates
      .filter(({ status, effectiveFrom }) => status === 'suspended' && effectiveFrom <= at.getTime())
      .map(({ component }) => component),
  );
  const isCertified = certificates.some(
    ({ status, component }) => status !== 'revoked' && status !== 'expired' && !suspended.has(component),
  );
  const outcome = outcomeOf(view, identifier, records);
  const matched = outcome === MatchOutcome.MATCHED || outcome === MatchOutcome.NOT_ELIGIBLE_ROLE;
  found.expect(matched === isCertified, 'a replay of another status than Postgres', operatorId, {
    outcome,
    certificates,
  });
}

type MatchPoint = Pick<ReplayRecords, 'at' | 'country'>;

function outcomeOf(view: StatusView, identifier: Identifier, { at, country }: MatchPoint) {
  const role = roleOf(identifier, country);
  const matches = view.match({ role, identifier }, askedScope, at);
  const entitled = matches.find(
    ({ outcome, credits }) => outcome === MatchOutcome.MATCHED && credits.length > 0,
  );
  return (entitled ?? matches[0])?.outcome;
}

/** Goods coming in by sea. */
export const askedScope = { direction: Direction.IMPORT, transportMode: TransportMode.SEA };

/** Importers at home, sellers abroad. */
export function roleOf(identifier: Identifier, country: string): common.PartyRole {
  return identifier.country === country ? PartyRole.IMPORTER : PartyRole.SELLER;
}

/** Members and suspensions by key and version, and the list that the replay has in force. */
function partnersEqual(
  found: Comparison,
  { partners, received }: Pick<ExchangeState, 'partners' | 'received'>,
  records: ReplayRecords,
  view: StatusView,
): void {
  const newest = newestByKey(records.topics.partners);
  for (const row of partners) {
    const key = `${row.arrangementId}/${row.operatorId}`;
    const member = newest.get(`membership/${key}`);
    const slots = member?.$case === 'membership' ? member.value.slots.map(slotText) : [];
    const stored = row.slots.map(({ sequence, row: listed }) =>
      listed === null ? `${sequence}` : `${sequence}|${listed.tier}|${listed.status}`,
    );
    const version = Number(member?.value.version?.number ?? 0n);
    const same = version === row.version && slots.join() === stored.join();
    found.expect(same, 'a replay of another membership than Postgres', key, { row, version, slots });
    suspensionEquals(found, key, row, newest.get(`suspension/${key}`));
  }
  const last = new Map(
    received
      .filter(({ activatedAt }) => activatedAt !== undefined)
      .map((row) => [row.arrangementId, row.sequence]),
  );
  for (const [arrangementId, sequence] of last) {
    const current = listInForce(
      view,
      partners.find((row) => row.arrangementId === arrangementId),
      records,
    );
    if (current === undefined) continue;
    found.expect(current === sequence, 'a replay of another list than the one in force', arrangementId, {
      current,
      sequence,
    });
  }
}

type PartnerRecord = NonNullable<exchangeStatus.PartnerStatus['record']>;

function newestByKey(records: TopicsState['partners']): Map<string, PartnerRecord> {
  const newest = new Map<string, PartnerRecord>();
  for (const { key, value } of inOrder(records)) {
    const record = value?.record;
    if (record === undefined) continue;
    const before = newest.get(key)?.value.version;
    if (before === undefined || isNewer(versionOf(record.value.version), versionOf(before)))
      newest.set(key, record);
  }
  return newest;
}

const versionOf = (version: common.StatusVersion | undefined) => ({
  epoch: Number(version?.epoch ?? 0n),
  number: Number(version?.number ?? 0n),
});

function slotText({ sequence, listed, tier, status }: exchangeStatus.MembershipSlot): string {
  return listed ? `${sequence}|${tier}|${statusNames[status]}` : `${sequence}`;
}

function suspensionEquals(
  found: Comparison,
  key: string,
  row: PartnerRow,
  record: PartnerRecord | undefined,
): void {
  if (row.suspensionVersion === 0 && record === undefined) return;
  const version = Number(record?.value.version?.number ?? 0n);
  const status = record?.$case === 'suspension' ? statusNames[record.value.status] : undefined;
  const same = version === row.suspensionVersion && status === row.suspensionStatus;
  found.expect(same, 'a replay of another suspension than Postgres', key, { row, version, status });
}

function listInForce(
  view: StatusView,
  row: PartnerRow | undefined,
  records: ReplayRecords,
): number | undefined {
  const identifier = row?.slots.findLast((slot) => slot.row !== null)?.row?.identifiers[0];
  if (row === undefined || identifier === undefined) return undefined;
  const role = roleOf(identifier, records.country);
  const matches = view.match({ role, identifier }, askedScope, records.at);
  const found = matches.find(({ source }) => source === row.arrangementId);
  return found === undefined ? undefined : Number(found.listSequence);
}
