import type { common, exchangeStatus } from '../vocabulary.ts';
import { identifierKey } from './identifier-index.ts';

type Membership = exchangeStatus.PartnerMembership;
type Slot = exchangeStatus.MembershipSlot;

/**
 * The slot that speaks for a list: only changed rows are published with a new list, so a row untouched since an
 * older list keeps the newest slot not later than the requested sequence.
 */
export function slotAt(membership: Membership, sequence: bigint): Slot | undefined {
  let best: Slot | undefined;
  for (const slot of membership.slots) {
    if (slot.sequence <= sequence && (best === undefined || slot.sequence > best.sequence)) best = slot;
  }
  return best;
}

/** Every identifier any list gives the member, for the index; the caller then chooses the list. */
export function identifiersOf(membership: Membership): common.Identifier[] {
  return membership.slots.flatMap((slot) => slotIdentifiers(membership, slot));
}

/** Whether the list of that sequence has the member, and has it under this identifier. */
export function isListedAs(membership: Membership, sequence: bigint, identifier: common.Identifier): boolean {
  const slot = slotAt(membership, sequence);
  if (slot?.listed !== true) return false;
  const key = identifierKey(identifier);
  return slotIdentifiers(membership, slot).some((each) => identifierKey(each) === key);
}

/** A record written before slots had identifiers of their own has them for both slots together. */
function slotIdentifiers(membership: Membership, slot: Slot): readonly common.Identifier[] {
  if (!slot.listed) return [];
  return slot.identifiers.length > 0 ? slot.identifiers : membership.identifiers;
}
