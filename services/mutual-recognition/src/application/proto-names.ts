import { common } from '@aeo/proto';
import type { RowStatus } from '../domain/list/list.ts';

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
export const statuses: Record<RowStatus, common.CertificateStatus> = {
  active: CertificateStatus.ACTIVE,
  suspended: CertificateStatus.SUSPENDED,
  revoked: CertificateStatus.REVOKED,
  expired: CertificateStatus.EXPIRED,
};
