import type { exchangeStatus } from '../vocabulary.ts';

/**
 * The slot that speaks for a list: only changed rows are published with a new list, so a row untouched since an
 * older list keeps the newest slot not later than the sequence asked for.
 */
export function slotAt(
  membership: exchangeStatus.PartnerMembership,
  sequence: bigint,
): exchangeStatus.MembershipSlot | undefined {
  let best: exchangeStatus.MembershipSlot | undefined;
  for (const slot of membership.slots) {
    if (slot.sequence <= sequence && (best === undefined || slot.sequence > best.sequence)) best = slot;
  }
  return best;
}
