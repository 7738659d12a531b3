import { common, type exchangeStatus } from '../vocabulary.ts';
import { matchUnder } from './conditions.ts';
import { createIdentifierIndex, type IdentifierIndex } from './identifier-index.ts';
import { createListSwitch, type ListState, type ListSwitch, type PlacedMember } from './list-switch.ts';
import {
  creditsFor,
  partyMatch,
  standingOf,
  type MatchedParty,
  type PartyMatch,
  type Scope,
} from './match.ts';
import { identifiersOf, isListedAs, slotAt } from './membership-slot.ts';
import { isNewer } from './version-fence.ts';
import type { ViewEntry } from './view-entry.ts';

type Membership = exchangeStatus.PartnerMembership;
type Suspension = exchangeStatus.PartnerSuspension;

/** One arrangement: its terms, its list in force, and suspensions, which act at once and outside any list. */
export type ArrangementClaims = {
  applyMembership(membership: Membership, partition: number): boolean;
  applySuspension(suspension: Suspension): boolean;
  applyActivated(activated: exchangeStatus.ListActivated, partition: number): boolean;
  blockMembership(partnerOperatorId: string): void;
  blockSuspension(partnerOperatorId: string): void;
  /** Holds the list where it is until that partition's activation record can be read again. */
  blockActivation(partition: number): void;
  listInForce(): exchangeStatus.ListActivated | undefined;
  blockedKeys(): number;
  partnerCountry(): string | undefined;
  version(partnerOperatorId: string): common.StatusVersion | undefined;
  match(party: MatchedParty, scope: Scope, at: Date): PartyMatch;
  /** As it stands now, whatever is applied while the pieces are taken. */
  entries(): Iterable<ViewEntry>;
  restoreList(state: ListState): void;
};

type Held = {
  arrangementId: string;
  members: Map<string, PlacedMember>;
  suspensions: Map<string, Suspension>;
  blocked: { membership: Set<string>; suspension: Set<string> };
  index: IdentifierIndex;
  list: ListSwitch;
};

export function createArrangementClaims(arrangementId: string, partitions: number): ArrangementClaims {
  const members = new Map<string, PlacedMember>();
  const held: Held = {
    arrangementId,
    members,
    suspensions: new Map(),
    blocked: { membership: new Set(), suspension: new Set() },
    index: createIdentifierIndex(),
    list: createListSwitch(partitions, () => members.values()),
  };
  return {
    applyMembership: (membership, partition) => applyMembership(held, membership, partition),
    applySuspension: (suspension) => applySuspension(held, suspension),
    applyActivated: (activated, partition) => held.list.activated(activated, partition),
    blockMembership: (id) => void held.blocked.membership.add(id),
    blockSuspension: (id) => void held.blocked.suspension.add(id),
    blockActivation: (partition) => held.list.block(partition),
    listInForce: () => held.list.current(),
    blockedKeys: () => held.blocked.membership.size + held.blocked.suspension.size + held.list.blockedKeys(),
    partnerCountry: () => held.list.terms()?.partnerCountry,
    version: (id) => members.get(id)?.membership.version,
    match: (party, scope, at) => match(held, party, scope, at),
    entries: () => entriesOf(captured(held)),
    restoreList: (state) => held.list.restore(state),
  };
}

/** Records are replaced and never changed, so that references to them are a copy. */
function captured({ arrangementId, members, suspensions, blocked, list }: Held) {
  return {
    arrangementId,
    members: [...members.values()],
    suspensions: [...suspensions.values()],
    blocked: { membership: [...blocked.membership], suspension: [...blocked.suspension] },
    list: list.state(),
  };
}

function* entriesOf(held: ReturnType<typeof captured>): Generator<ViewEntry> {
  const { arrangementId } = held;
  for (const { membership, partition } of held.members)
    yield { kind: 'partner', status: { record: { $case: 'membership', value: membership } }, partition };
  for (const value of held.suspensions)
    yield { kind: 'partner', status: { record: { $case: 'suspension', value } }, partition: 0 };
  for (const kind of ['membership', 'suspension'] as const)
    for (const id of held.blocked[kind])
      yield { kind: 'blocked-partner', key: `${kind}/${arrangementId}/${id}`, partition: 0 };
  yield { kind: 'list', arrangementId, list: held.list };
}

function applyMembership(held: Held, membership: Membership, partition: number): boolean {
  const id = membership.partnerOperatorId;
  const before = held.members.get(id);
  if (!isNewer(membership.version, before?.membership.version)) return false;
  held.index.replace(id, before ? identifiersOf(before.membership) : [], identifiersOf(membership));
  held.members.set(id, { membership, partition });
  held.blocked.membership.delete(id);
  held.list.memberChanged(before, { membership, partition });
  return true;
}

function applySuspension(held: Held, suspension: Suspension): boolean {
  const id = suspension.partnerOperatorId;
  if (!isNewer(suspension.version, held.suspensions.get(id)?.version)) return false;
  held.suspensions.set(id, suspension);
  held.blocked.suspension.delete(id);
  return true;
}

function match(held: Held, party: MatchedParty, scope: Scope, at: Date): PartyMatch {
  const { MatchOutcome } = common;
  const sequence = held.list.current()?.sequence ?? 0n;
  const known = { source: held.arrangementId, listSequence: sequence };
  const refused = refusal(held.list, scope, at);
  if (refused !== undefined || party.identifier === undefined)
    return partyMatch(party, refused ?? MatchOutcome.NO_IDENTIFIER, known);
  const { identifier } = party;
  const listed = held.index
    .claimants(identifier)
    .map((id) => held.members.get(id)?.membership)
    .filter((membership) => membership !== undefined)
    .filter((membership) => isListedAs(membership, sequence, identifier));
  const [only] = listed;
  if (only === undefined) return partyMatch(party, MatchOutcome.NOT_ON_LIST, known);
  if (listed.length > 1) return partyMatch(party, MatchOutcome.AMBIGUOUS, known);
  return matchMember(held, party, only, at, known);
}

function refusal(list: ListSwitch, scope: Scope, at: Date): common.MatchOutcome | undefined {
  const { MatchOutcome } = common;
  const terms = list.terms();
  if (terms?.live !== true || list.current() === undefined) return MatchOutcome.ARRANGEMENT_NOT_LIVE;
  const until = list.current()?.listValidUntil;
  if (until !== undefined && until <= at) return MatchOutcome.STALE_LIST;
  if (!terms.directions.includes(scope.direction)) return MatchOutcome.OUT_OF_SCOPE_DIRECTION;
  if (!terms.transportModes.includes(scope.transportMode)) return MatchOutcome.OUT_OF_SCOPE_MODE;
  return undefined;
}

function matchMember(
  held: Held,
  party: MatchedParty,
  member: Membership,
  at: Date,
  list: { source: string; listSequence: bigint },
): PartyMatch {
  const id = member.partnerOperatorId;
  const slot = slotAt(member, list.listSequence);
  const known = { ...list, operatorId: id, version: member.version };
  if (slot === undefined) return partyMatch(party, common.MatchOutcome.NOT_ON_LIST, known);
  const { tier, component, validity } = slot;
  const described = { ...known, tier, component, validity };
  const isBlocked = held.blocked.membership.has(id) || held.blocked.suspension.has(id);
  if (isBlocked || member.absenceUnanswered)
    return partyMatch(party, common.MatchOutcome.STALE_LIST, described);
  const overlay = suspensionOutcome(held.suspensions.get(id), at);
  const standing = overlay ?? standingOf(slot.status, slot.validity, slot.times, at);
  if (standing !== common.MatchOutcome.MATCHED) return partyMatch(party, standing, described);
  return matchTerms(party, held.list.terms(), described);
}

/** What the terms of the arrangement make of a member in good standing. */
function matchTerms(
  party: MatchedParty,
  terms: exchangeStatus.ArrangementTerms | undefined,
  described: Partial<PartyMatch> & { tier: string },
): PartyMatch {
  if (terms?.recognisedTiers.includes(described.tier) !== true)
    return partyMatch(party, common.MatchOutcome.NOT_ELIGIBLE_TYPE, described);
  const known = { ...described, programmeId: terms.arrangementId, programmeVersion: terms.version };
  const credits = creditsFor(party.role, terms.credits, terms.purposes);
  if (credits.length === 0) return partyMatch(party, common.MatchOutcome.NOT_ELIGIBLE_ROLE, known);
  return matchUnder(terms.conditions, party, { ...known, credits });
}

/** Undefined where no suspension stands. A state this version does not know counts as a suspension. */
function suspensionOutcome(suspension: Suspension | undefined, at: Date): common.MatchOutcome | undefined {
  const { CertificateStatus, MatchOutcome } = common;
  if (suspension === undefined || suspension.status === CertificateStatus.ACTIVE) return undefined;
  const effectiveFrom = suspension.times?.effectiveFrom;
  if (suspension.status === CertificateStatus.REVOKED) return MatchOutcome.REVOKED;
  if (suspension.status === CertificateStatus.EXPIRED) return MatchOutcome.EXPIRED;
  return effectiveFrom !== undefined && effectiveFrom > at ? undefined : MatchOutcome.SUSPENDED;
}
