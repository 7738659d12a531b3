import { common } from '../vocabulary.ts';
import type { PartyMatch, Scope } from './match.ts';

/** What a status is worth to one role, in one direction and the modes of transport named. */
export type Entitlement = {
  match: PartyMatch;
  direction: common.Direction;
  transportModes: common.TransportMode[];
};

const dayMs = 86_400_000;
const every = <T extends number>(list: Record<string, T>): T[] =>
  Object.values(list).filter((value) => value > 0);

/** The scopes a question is about: those it names, and every one where it leaves one open. */
export function scopesOf({ direction, transportMode }: Scope): Scope[] {
  const directions = direction === common.Direction.UNSPECIFIED ? every(common.Direction) : [direction];
  const modes =
    transportMode === common.TransportMode.UNSPECIFIED ? every(common.TransportMode) : [transportMode];
  return directions.flatMap((each) => modes.map((mode) => ({ direction: each, transportMode: mode })));
}

export function rolesOf(role: common.PartyRole): common.PartyRole[] {
  return role === common.PartyRole.UNSPECIFIED ? every(common.PartyRole) : [role];
}

/**
 * When a status must stand to count for a day: at the instant of that day (UTC) nearest to now. For a day gone by it
 * must stand now as well, since what was suspended or revoked meanwhile gives nothing any more.
 *
 * @param day yyyy-mm-dd; empty means now
 */
export function instantsFor(day: string, now: Date): [Date, ...Date[]] {
  if (day === '') return [now];
  const start = Date.parse(`${day}T00:00:00Z`);
  const nearest = new Date(Math.min(Math.max(now.getTime(), start), start + dayMs - 1));
  return nearest < now ? [now, nearest] : [nearest];
}

/** Matches at the first instant; one that counts there, but not at every other, is as it is at that other. */
export function matchThroughout(
  match: (at: Date) => PartyMatch[],
  [first, ...others]: [Date, ...Date[]],
): PartyMatch[] {
  const { MATCHED, NOT_YET_EFFECTIVE } = common.MatchOutcome;
  let matches = match(first);
  for (const at of others) {
    const then = match(at);
    const late = (each: PartyMatch): PartyMatch => ({ ...each, outcome: NOT_YET_EFFECTIVE, credits: [] });
    matches = matches.map((each) => {
      if (each.outcome !== MATCHED) return each;
      return then.find((other) => isSameStatus(other, each)) ?? late(each);
    });
  }
  return matches;
}

function isSameStatus(one: PartyMatch, other: PartyMatch): boolean {
  const key = ({ source, operatorId, component, certificateId }: PartyMatch) =>
    JSON.stringify([source, operatorId, component, certificateId]);
  return key(one) === key(other);
}

/** Puts the modes of transport of one status, role and direction together. */
export function entitlementsIn(found: readonly { match: PartyMatch; scope: Scope }[]): Entitlement[] {
  const entitlements = new Map<string, Entitlement>();
  for (const { match, scope } of found) {
    const { source, operatorId, component, certificateId, role } = match;
    const key = JSON.stringify([source, operatorId, component, certificateId, role, scope.direction]);
    const held = entitlements.get(key) ?? { match, direction: scope.direction, transportModes: [] };
    held.transportModes.push(scope.transportMode);
    entitlements.set(key, held);
  }
  return [...entitlements.values()];
}

/** The most specific outcome: of the party's own standing before that of a scope or role that was not requested. */
export function mostSpecificOutcome(matches: readonly PartyMatch[]): common.MatchOutcome {
  const { OUT_OF_SCOPE_DIRECTION, OUT_OF_SCOPE_MODE, NOT_ELIGIBLE_ROLE, NOT_ON_LIST } = common.MatchOutcome;
  const ofTheScope: common.MatchOutcome[] = [OUT_OF_SCOPE_DIRECTION, OUT_OF_SCOPE_MODE, NOT_ELIGIBLE_ROLE];
  const ownStanding = matches.find(({ outcome }) => !ofTheScope.includes(outcome));
  const role = matches.find(({ outcome }) => outcome === NOT_ELIGIBLE_ROLE);
  return (ownStanding ?? role ?? matches[0])?.outcome ?? NOT_ON_LIST;
}
