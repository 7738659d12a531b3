import { common, exchangeStatus, registryStatus } from '@aeo/proto';
import type { Arrangement } from '../../domain/arrangement/arrangement.ts';
import type { PartnerOperator, Slot } from '../../domain/list/changes.ts';
import { listIssuedAt, listValidUntil, type ListHeader, type RowStatus } from '../../domain/list/list.ts';
import type { OwnComponent, OwnIdentifier, OwnOperator } from '../../domain/list/own-operators.ts';

const { CertificateStatus, Direction, PartyRole, Purpose, TransportMode } = common;

export const purposes = {
  safety_security: Purpose.SAFETY_SECURITY,
  fiscal_compliance: Purpose.FISCAL_COMPLIANCE,
  other_legal: Purpose.OTHER_LEGAL,
};
export const roles = {
  importer: PartyRole.IMPORTER,
  exporter: PartyRole.EXPORTER,
  seller: PartyRole.SELLER,
  consignor: PartyRole.CONSIGNOR,
  carrier: PartyRole.CARRIER,
};
export const directions = { import: Direction.IMPORT, export: Direction.EXPORT };
export const transportModes = {
  sea: TransportMode.SEA,
  rail: TransportMode.RAIL,
  road: TransportMode.ROAD,
  air: TransportMode.AIR,
  post: TransportMode.POST,
  other: TransportMode.OTHER,
};
const statuses: Record<RowStatus, common.CertificateStatus> = {
  active: CertificateStatus.ACTIVE,
  suspended: CertificateStatus.SUSPENDED,
  revoked: CertificateStatus.REVOKED,
  expired: CertificateStatus.EXPIRED,
};

const dateOf = (text: string | null) => (text === null ? undefined : new Date(text));
const textOf = (date: Date | undefined) => date?.toISOString() ?? null;
const valueOf = <T extends number>(list: Record<string, T>, name: string) => list[name] ?? (0 as T);

export const membershipKey = (arrangementId: string, operatorId: string) =>
  `membership/${arrangementId}/${operatorId}`;
export const suspensionKey = (arrangementId: string, operatorId: string) =>
  `suspension/${arrangementId}/${operatorId}`;
export const activatedKey = (arrangementId: string, partition: number) =>
  `activated/${arrangementId}/${partition}`;

/** One of our operators as our registry published it; components of a standing this version does not know are left out. */
export function ownOperatorOf(status: registryStatus.OperatorStatus): OwnOperator {
  return {
    operatorId: status.operatorId,
    version: status.version ?? { epoch: 0n, number: 0n },
    identifiers: status.erased ? [] : status.identifiers.flatMap(ownIdentifierOf),
    components: status.erased ? [] : status.components.flatMap(ownComponentOf),
  };
}

function ownIdentifierOf({ identifier, validity }: registryStatus.IdentifierClaim): OwnIdentifier[] {
  if (identifier === undefined) return [];
  const { scheme, country, value } = identifier;
  return [
    {
      scheme,
      country,
      value,
      validFrom: textOf(validity?.validFrom),
      validUntil: textOf(validity?.validUntil),
    },
  ];
}

function ownComponentOf(held: registryStatus.StatusComponent): OwnComponent[] {
  const { component, tier, validity, times } = held;
  const status = namesOf(statuses, [held.status])[0];
  if (status === undefined) return [];
  return [
    {
      component,
      tier,
      status,
      purposes: namesOf(purposes, held.purposes),
      validFrom: textOf(validity?.validFrom),
      validUntil: textOf(validity?.validUntil),
      decidedAt: textOf(times?.decidedAt),
      effectiveFrom: textOf(times?.effectiveFrom),
      sharedWith: sharedWith(held),
    },
  ];
}

/** What does not say so may be told nobody. */
function sharedWith({
  sharing,
  sharedWith: named,
}: registryStatus.StatusComponent): OwnComponent['sharedWith'] {
  if (sharing === registryStatus.Sharing.ALL) return 'all';
  return sharing === registryStatus.Sharing.NAMED ? named : [];
}

function namesOf<Name extends string>(list: Record<Name, number>, values: readonly number[]): Name[] {
  const names = Object.keys(list) as Name[];
  return names.filter((name) => values.includes(list[name]));
}

type Known = { arrangementId: string; epoch: bigint };

/** @param receivedAt when each list came that a slot names */
export function membershipMessage(
  operator: PartnerOperator,
  known: Known,
  receivedAt: ReadonlyMap<number, Date>,
): exchangeStatus.PartnerStatus {
  const row = operator.slots.findLast((slot) => slot.row !== null)?.row;
  return exchangeStatus.PartnerStatus.fromPartial({
    record: {
      $case: 'membership',
      value: {
        arrangementId: known.arrangementId,
        partnerOperatorId: operator.operatorId,
        version: { epoch: known.epoch, number: operator.version },
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
  known: Known,
  receivedAt: Date | undefined,
): exchangeStatus.PartnerStatus {
  return exchangeStatus.PartnerStatus.fromPartial({
    record: {
      $case: 'suspension',
      value: {
        arrangementId: known.arrangementId,
        partnerOperatorId: operator.operatorId,
        version: { epoch: known.epoch, number: operator.suspensionVersion },
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

/** A member nothing is known of any more: on no list from this one on. */
export function withdrawnMember(
  { arrangementId, epoch }: Known,
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
