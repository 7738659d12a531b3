import { exchangeStatus } from '@aeo/proto';
import type { Arrangement } from '../../domain/arrangement/arrangement.ts';
import type { PartnerOperator, Slot } from '../../domain/list/changes.ts';
import { listIssuedAt, listValidUntil, type ListHeader } from '../../domain/list/list.ts';
import { directions, purposes, roles, statuses, transportModes } from '../proto-names.ts';

const dateOf = (text: string | null) => (text === null ? undefined : new Date(text));
const valueOf = <T extends number>(list: Record<string, T>, name: string) => list[name] ?? (0 as T);

type StatusOrigin = { arrangementId: string; epoch: bigint };

/** @param receivedAt when each list that a slot names was received */
export function membershipMessage(
  operator: PartnerOperator,
  origin: StatusOrigin,
  receivedAt: ReadonlyMap<number, Date>,
): exchangeStatus.PartnerStatus {
  const row = operator.slots.findLast((slot) => slot.row !== null)?.row;
  return exchangeStatus.PartnerStatus.fromPartial({
    record: {
      $case: 'membership',
      value: {
        arrangementId: origin.arrangementId,
        partnerOperatorId: operator.operatorId,
        version: { epoch: origin.epoch, number: operator.version },
        identifiers: row?.identifiers ?? [],
        slots: operator.slots.map((slot) => slotMessage(slot, receivedAt.get(slot.sequence))),
        absenceUnanswered: operator.absenceUnanswered,
      },
    },
  });
}

function slotMessage({ sequence, row }: Slot, receivedAt: Date | undefined): exchangeStatus.MembershipSlot {
  if (row === null)
    return exchangeStatus.MembershipSlot.fromPartial({ sequence: BigInt(sequence), listed: false });
  return exchangeStatus.MembershipSlot.fromPartial({
    sequence: BigInt(sequence),
    listed: true,
    tier: row.tier,
    component: row.component,
    identifiers: row.identifiers,
    status: statuses[row.status],
    validity: { validFrom: dateOf(row.validFrom), validUntil: dateOf(row.validUntil) },
    times: { decidedAt: dateOf(row.decidedAt), effectiveFrom: dateOf(row.effectiveFrom), receivedAt },
  });
}

/** A suspension counts from when the partner made it effective; it acts here as soon as it arrives. */
export function suspensionMessage(
  operator: PartnerOperator,
  origin: StatusOrigin,
  receivedAt: Date | undefined,
): exchangeStatus.PartnerStatus {
  return exchangeStatus.PartnerStatus.fromPartial({
    record: {
      $case: 'suspension',
      value: {
        arrangementId: origin.arrangementId,
        partnerOperatorId: operator.operatorId,
        version: { epoch: origin.epoch, number: operator.suspensionVersion },
        status: statuses[operator.suspensionStatus],
        times: {
          decidedAt: dateOf(operator.suspensionDecidedAt),
          effectiveFrom: dateOf(operator.suspensionEffectiveFrom),
          receivedAt,
        },
      },
    },
  });
}

export function activatedMessage(
  { header, receivedAt }: { header: ListHeader; receivedAt: Date },
  partitionCount: number,
  epoch: bigint,
  arrangement: Arrangement,
): exchangeStatus.PartnerStatus {
  const sequence = BigInt(header.sequence);
  return exchangeStatus.PartnerStatus.fromPartial({
    record: {
      $case: 'activated',
      value: {
        arrangementId: arrangement.id,
        sequence,
        count: BigInt(header.count),
        partitionCount: BigInt(partitionCount),
        digest: Buffer.from(header.digest, 'hex'),
        version: { epoch, number: sequence },
        terms: termsOf(arrangement),
        listValidUntil: listValidUntil(header, arrangement.listValidDays, receivedAt),
        listIssuedAt: listIssuedAt(header, receivedAt),
      },
    },
  });
}

/** A member that the database does not know any more: on no list from this one on. */
export function withdrawnMember(
  { arrangementId, epoch }: StatusOrigin,
  partnerOperatorId: string,
  sequence: bigint,
): exchangeStatus.PartnerStatus {
  const version = { epoch, number: 0n };
  const value = { arrangementId, partnerOperatorId, version, slots: [{ sequence, listed: false }] };
  return exchangeStatus.PartnerStatus.fromPartial({ record: { $case: 'membership', value } });
}

/** No list is in force: the arrangement gives nothing until the next one is. */
export function withdrawnList(arrangement: Arrangement, epoch: bigint): exchangeStatus.PartnerStatus {
  const version = { epoch, number: 0n };
  const terms = { ...termsOf(arrangement), live: false };
  const value = { arrangementId: arrangement.id, version, terms };
  return exchangeStatus.PartnerStatus.fromPartial({ record: { $case: 'activated', value } });
}

function termsOf(arrangement: Arrangement): exchangeStatus.ArrangementTerms {
  const named = arrangement.purposes.map((name) => valueOf(purposes, name));
  return exchangeStatus.ArrangementTerms.fromPartial({
    arrangementId: arrangement.id,
    version: arrangement.version,
    partnerCountry: arrangement.partner.country,
    live: arrangement.live,
    purposes: named,
    credits: named.flatMap((purpose) =>
      Object.entries(arrangement.credits).map(([role, sharePermille]) => ({
        purpose,
        role: valueOf(roles, role),
        sharePermille,
      })),
    ),
    directions: arrangement.directions.map((name) => valueOf(directions, name)),
    transportModes: arrangement.transportModes.map((name) => valueOf(transportModes, name)),
    recognisedTiers: arrangement.recognisedTiers,
    demonstration: arrangement.demonstration,
  });
}
