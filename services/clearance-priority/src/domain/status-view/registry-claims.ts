import { common, type registryStatus } from '../vocabulary.ts';
import { matchUnder } from './conditions.ts';
import { identifierKey } from './identifier-index.ts';
import { covers, creditsFor, partyMatch, standingOf, type MatchedParty, type PartyMatch } from './match.ts';
import { operatorPacking } from './operator-packing.ts';
import { createPackedStore } from './packed-store.ts';
import { isNewer } from './version-fence.ts';
import type { ViewEntry } from './view-entry.ts';

type OperatorStatus = registryStatus.OperatorStatus;
type StatusComponent = registryStatus.StatusComponent;

export const registrySource = 'registry';

/** Domestic operators by operator id, fenced by version. */
export type RegistryClaims = {
  /** False where the record is not newer than the one held. */
  apply(status: OperatorStatus): boolean;
  /** The operator gives no benefit until a newer version is read. */
  block(operatorId: string): void;
  blockedKeys(): number;
  version(operatorId: string): common.StatusVersion | undefined;
  match(party: MatchedParty, at: Date): PartyMatch[];
  operators(identifier: common.Identifier, at: Date): OperatorStatus[];
  size(): number;
  /**
   * Statuses are told as they are when they are taken, which may be later than now. Throws at the end where a key was
   * blocked or freed meanwhile: read again, its records would block it and no longer be new enough to free it.
   */
  entries(): Iterable<ViewEntry>;
};

export function createRegistryClaims(): RegistryClaims {
  const held = createPackedStore(operatorPacking());
  const blocked = new Set<string>();
  let blockings = 0;
  const free = (operatorId: string) => {
    if (blocked.delete(operatorId)) blockings += 1;
  };

  const operators = (identifier: common.Identifier, at: Date) =>
    held.claimants(identifierKey(identifier)).filter((status) => claims(status, identifier, at));

  return {
    apply(status) {
      const before = held.get(status.operatorId);
      if (!isNewer(status.version, before?.version)) return false;
      held.put(status);
      free(status.operatorId);
      return true;
    },
    block(operatorId) {
      blockings += 1;
      blocked.add(operatorId);
    },
    blockedKeys: () => blocked.size,
    version: (operatorId) => (blocked.has(operatorId) ? undefined : held.get(operatorId)?.version),
    operators,
    match(party, at) {
      const found = party.identifier === undefined ? [] : operators(party.identifier, at);
      const [only] = found;
      if (only === undefined)
        return [partyMatch(party, common.MatchOutcome.NOT_ON_LIST, { source: registrySource })];
      if (found.length > 1)
        return [partyMatch(party, common.MatchOutcome.AMBIGUOUS, { source: registrySource })];
      if (blocked.has(only.operatorId))
        return [partyMatch(party, common.MatchOutcome.STALE_LIST, operatorFields(only))];
      return matchOperator(party, only, at);
    },
    size: () => held.size(),
    entries() {
      const before = blockings;
      return entriesOf(held.values(), [...blocked], () => blockings === before);
    },
  };
}

function* entriesOf(
  held: Iterable<OperatorStatus>,
  blocked: readonly string[],
  isSettled: () => boolean,
): Generator<ViewEntry> {
  for (const status of held) yield { kind: 'operator', status };
  for (const key of blocked) yield { kind: 'blocked-operator', key };
  if (!isSettled()) throw new Error('a key was blocked or freed meanwhile');
}

function claims(status: OperatorStatus, identifier: common.Identifier, at: Date): boolean {
  return status.identifiers.some(
    (claim) =>
      claim.identifier?.scheme === identifier.scheme &&
      claim.identifier.country === identifier.country &&
      claim.identifier.value === identifier.value &&
      covers(claim.validity, at),
  );
}

/**
 * One match for each component in force; without any, the one that explains best why not. A suspended certificate
 * takes the benefits of its component away whoever else grants it: a second certificate is no way round a suspension.
 */
function matchOperator(party: MatchedParty, operator: OperatorStatus, at: Date): PartyMatch[] {
  const standings = operator.components.map((component) => ({
    component,
    outcome: standingOf(component.status, component.validity, component.times, at),
  }));
  const { MATCHED, SUSPENDED } = common.MatchOutcome;
  const suspended = new Set(
    standings.filter(({ outcome }) => outcome === SUSPENDED).map(({ component }) => component.component),
  );
  const inForce = standings.filter(
    ({ outcome, component }) => outcome === MATCHED && !suspended.has(component.component),
  );
  if (inForce.length > 0) return inForce.map(({ component }) => matchComponent(party, operator, component));
  for (const outcome of explanations) {
    const found = standings.find((standing) => standing.outcome === outcome);
    if (found !== undefined)
      return [
        partyMatch(party, outcome, { ...operatorFields(operator), ...componentFields(found.component) }),
      ];
  }
  return [partyMatch(party, common.MatchOutcome.NOT_ON_LIST, operatorFields(operator))];
}

const explanations = [
  common.MatchOutcome.SUSPENDED,
  common.MatchOutcome.REVOKED,
  common.MatchOutcome.EXPIRED,
  common.MatchOutcome.NOT_YET_EFFECTIVE,
];

/** Credit counts only after validation, so a component not yet validated matches without credit. */
function matchComponent(
  party: MatchedParty,
  operator: OperatorStatus,
  component: StatusComponent,
): PartyMatch {
  const credits = creditsFor(party.role, component.credits, component.purposes);
  const known = { ...operatorFields(operator), ...componentFields(component) };
  if (credits.length === 0) return partyMatch(party, common.MatchOutcome.NOT_ELIGIBLE_ROLE, known);
  return matchUnder(component.conditions, party, { ...known, credits: component.validated ? credits : [] });
}

function operatorFields(operator: OperatorStatus): Partial<PartyMatch> & object {
  const { operatorId, version, sizeClass } = operator;
  return { source: registrySource, operatorId, version, sizeClass };
}

function componentFields(component: StatusComponent) {
  const { programmeId, programmeVersion, tier, certificateId, validity } = component;
  return { programmeId, programmeVersion, component: component.component, tier, certificateId, validity };
}
