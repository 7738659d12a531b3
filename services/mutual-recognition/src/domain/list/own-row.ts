import type { Arrangement } from '../arrangement/arrangement.ts';
import type { ListRow, RowStatus } from './list.ts';
import type { OwnComponent, OwnIdentifier, OwnOperator } from './own-operators.ts';
import { identifiersMax, readRow } from './read-row.ts';

/**
 * The row for one of our operators in a list for a partner; undefined where nothing may be shared, or the partner could
 * not use it: one unusable row would refuse the whole list. Only identifiers of our own country that are in force are in it.
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
 * The component that a list shows, of those with a purpose of the arrangement that may be shared under it. Within one
 * component a suspension outweighs an active certificate, and that one what has ended; between components the one worth
 * most to the operator counts: of a tier that the arrangement recognises, in force, valid longest.
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
  const shown = new Map<string, OwnComponent>();
  for (const each of eligible) {
    const other = shown.get(each.component);
    if (other === undefined || compare(weightWithin(each, at), weightWithin(other, at)) < 0)
      shown.set(each.component, each);
  }
  const weight = (each: OwnComponent) => weightBetween(each, arrangement, at);
  return [...shown.values()].toSorted((one, other) => compare(weight(one), weight(other)))[0];
}

/** The status at that time: past its end an active certificate has expired. */
function statusAt({ status, validUntil }: OwnComponent, at: Date): RowStatus {
  return status === 'active' && validUntil !== null && new Date(validUntil) <= at ? 'expired' : status;
}

const within: Record<RowStatus, number> = { suspended: 0, active: 1, revoked: 2, expired: 3 };
const between: Record<RowStatus, number> = { active: 0, suspended: 1, revoked: 2, expired: 3 };
/** A certificate without an end is valid longest. */
const latestMs = (text: string | null) => (text === null ? Number.MAX_SAFE_INTEGER : Date.parse(text));

type Weight = (number | string)[];

/** The lesser weight comes first. Texts decide between equals, so that the order of the input never does. */
function weightWithin(each: OwnComponent, at: Date): Weight {
  const decidedMs = each.decidedAt === null ? 0 : Date.parse(each.decidedAt);
  const standing = within[statusAt(each, at)];
  return [standing, -decidedMs, -latestMs(each.validUntil), each.tier, JSON.stringify(each)];
}

function weightBetween(each: OwnComponent, { recognisedTiers }: Arrangement, at: Date): Weight {
  const standing = statusAt(each, at);
  const started = each.validFrom === null || new Date(each.validFrom) <= at;
  // Recognised tiers come first, so that a tier without worth for the partner does not hide a suspension.
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
