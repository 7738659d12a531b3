import type { Arrangement } from '../arrangement/arrangement.ts';
import type { ListRow, RowStatus } from './list.ts';
import type { OwnComponent, OwnIdentifier, OwnOperator } from './own-operators.ts';
import { identifiersMax, readRow } from './read-row.ts';

/**
 * What a partner hears of one of our operators; undefined where there is nothing to tell, or nothing it could use:
 * one odd row would cost all the others their list. Only identifiers of our own country that are in force go abroad.
 */
export function rowOf(operator: OwnOperator, arrangement: Arrangement, at: Date): ListRow | undefined {
  const component = publishedComponent(operator.components, arrangement, at);
  if (component === undefined) return undefined;
  const { country } = arrangement.own;
  const read = readRow(
    {
      operatorId: operator.operatorId,
      identifiers: identifiersAt(operator.identifiers, country, at),
      tier: component.tier,
      component: component.component,
      status: component.status,
      validFrom: component.validFrom,
      validUntil: component.validUntil,
      decidedAt: component.decidedAt,
      effectiveFrom: component.effectiveFrom,
    } satisfies ListRow,
    country,
  );
  return 'row' in read ? read.row : undefined;
}

function identifiersAt(identifiers: readonly OwnIdentifier[], country: string, at: Date) {
  const inForce = new Map<string, ListRow['identifiers'][number]>();
  for (const each of identifiers) {
    if (each.country !== country || !isWithin(each, at)) continue;
    const { scheme, value } = each;
    inForce.set(`${scheme}|${value}`, { scheme, country, value });
  }
  return [...inForce.values()].slice(0, identifiersMax);
}

/**
 * The component that goes abroad. Only those with a purpose of the arrangement, that may be told under it, are asked. Within
 * one component a suspension outweighs an active certificate, and an active one outweighs what has ended; between components
 * the one counts that is worth most to the operator: of a tier the arrangement recognises, in force, valid longest.
 */
export function publishedComponent(
  components: readonly OwnComponent[],
  arrangement: Arrangement,
  at: Date,
): OwnComponent | undefined {
  const eligible = components.filter(
    ({ purposes, sharedWith }) =>
      (sharedWith === 'all' || sharedWith.includes(arrangement.id)) &&
      purposes.some((purpose) => arrangement.purposes.includes(purpose)),
  );
  const speaking = new Map<string, OwnComponent>();
  for (const each of eligible) {
    const other = speaking.get(each.component);
    if (other === undefined || compare(weightWithin(each, at), weightWithin(other, at)) < 0)
      speaking.set(each.component, each);
  }
  const weight = (each: OwnComponent) => weightBetween(each, arrangement, at);
  return [...speaking.values()].toSorted((one, other) => compare(weight(one), weight(other)))[0];
}

/** What the certificate amounts to at that time: past its end it has expired, whatever it was called. */
function standingAt({ status, validUntil }: OwnComponent, at: Date): RowStatus {
  return status === 'active' && validUntil !== null && new Date(validUntil) <= at ? 'expired' : status;
}

const within: Record<RowStatus, number> = { suspended: 0, active: 1, revoked: 2, expired: 3 };
const between: Record<RowStatus, number> = { active: 0, suspended: 1, revoked: 2, expired: 3 };
/** No end is the latest end. */
const latestMs = (text: string | null) => (text === null ? Number.MAX_SAFE_INTEGER : Date.parse(text));

type Weight = (number | string)[];

/** The lesser weight comes first; where all else is equal, the texts decide, so that the order given never does. */
function weightWithin(each: OwnComponent, at: Date): Weight {
  const decidedMs = each.decidedAt === null ? 0 : Date.parse(each.decidedAt);
  const standing = within[standingAt(each, at)];
  return [standing, -decidedMs, -latestMs(each.validUntil), each.tier, JSON.stringify(each)];
}

function weightBetween(each: OwnComponent, { recognisedTiers }: Arrangement, at: Date): Weight {
  const standing = standingAt(each, at);
  const started = each.validFrom === null || new Date(each.validFrom) <= at;
  // What the partner recognises comes first: a suspension of it is not hidden by what is worth nothing there.
  return [
    recognisedTiers.includes(each.tier) ? 0 : 1,
    between[standing],
    started ? 0 : 1,
    -latestMs(each.validUntil),
    each.component,
  ];
}

function compare(one: Weight, other: Weight): number {
  for (const [index, value] of one.entries()) {
    const against = other[index] ?? value;
    if (value !== against) return value < against ? -1 : 1;
  }
  return 0;
}

function isWithin({ validFrom, validUntil }: OwnIdentifier, at: Date): boolean {
  return (
    (validFrom === null || new Date(validFrom) <= at) && (validUntil === null || new Date(validUntil) > at)
  );
}
