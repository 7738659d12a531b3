import { common, registryStatus } from '@aeo/proto';
import type { Certificate, Operator } from '../../domain/operator/operator.ts';
import type { Programmes } from '@aeo/programmes';
import { sharingOf, type Sharing } from '../../domain/operator/sharing.ts';

const { CertificateStatus, PartyRole, Purpose, SizeClass } = common;

export const statuses = {
  active: CertificateStatus.ACTIVE,
  suspended: CertificateStatus.SUSPENDED,
  revoked: CertificateStatus.REVOKED,
  expired: CertificateStatus.EXPIRED,
} as const;

const purposes: Record<string, common.Purpose> = {
  safety_security: Purpose.SAFETY_SECURITY,
  fiscal_compliance: Purpose.FISCAL_COMPLIANCE,
  other_legal: Purpose.OTHER_LEGAL,
};

const roles: Record<string, common.PartyRole> = {
  importer: PartyRole.IMPORTER,
  exporter: PartyRole.EXPORTER,
  declarant: PartyRole.DECLARANT,
  seller: PartyRole.SELLER,
  carrier: PartyRole.CARRIER,
};

export const sizeClasses: Record<string, common.SizeClass> = {
  small: SizeClass.SMALL,
  medium: SizeClass.MEDIUM,
  large: SizeClass.LARGE,
};

export const registrySource = 'registry';

/** The token with which a border node answers a caller from a view that has this version. */
export function statusToken(aggregate: string, version: common.StatusVersion): string {
  const position = { source: registrySource, aggregate, version };
  return Buffer.from(common.StatusPosition.encode(position).finish()).toString('base64url');
}

/** With whom a status may be shared depends on the versions of programmes under which it was granted. */
export type SharingRules = Pick<Programmes, 'version'>;

/** The complete status of one operator, as published. */
export function statusMessage(
  operatorId: string,
  state: Operator,
  version: common.StatusVersion,
  programmes: SharingRules,
): registryStatus.OperatorStatus {
  return registryStatus.OperatorStatus.fromPartial({
    source: registrySource,
    operatorId,
    version,
    identifiers: state.profile.identifiers.map(({ identifier, validFrom, validUntil }) => ({
      identifier,
      validity: { validFrom: dateOf(validFrom), validUntil: dateOf(validUntil) },
    })),
    sizeClass: sizeClasses[state.profile.sizeClass] ?? SizeClass.UNSPECIFIED,
    components: Object.values(state.certificates).map((certificate) =>
      componentOf(certificate, sharingOf(certificate, state, programmes)),
    ),
  });
}

function componentOf(certificate: Certificate, sharing: Sharing): registryStatus.StatusComponent {
  const named = certificate.purposes.map((purpose) => purposes[purpose] ?? Purpose.UNSPECIFIED);
  return registryStatus.StatusComponent.fromPartial({
    component: certificate.component,
    certificateId: certificate.certificateId,
    programmeId: certificate.programmeId,
    programmeVersion: certificate.programmeVersion,
    tier: certificate.tier,
    status: statuses[certificate.status],
    validity: { validFrom: dateOf(certificate.grantedAt), validUntil: dateOf(endOf(certificate)) },
    times: {
      decidedAt: dateOf(certificate.decidedAt),
      notifiedAt: dateOf(certificate.notifiedAt),
      effectiveFrom: dateOf(certificate.effectiveFrom),
    },
    purposes: named,
    credits: named.flatMap((purpose) =>
      Object.entries(certificate.credits).map(([role, sharePermille]) => ({
        purpose,
        role: roles[role] ?? PartyRole.UNSPECIFIED,
        sharePermille,
      })),
    ),
    validated: true,
    ...sharedWith(sharing),
  });
}

function sharedWith(sharing: Sharing): Pick<registryStatus.StatusComponent, 'sharing' | 'sharedWith'> {
  const { ALL, NAMED, NOBODY } = registryStatus.Sharing;
  if (sharing === 'all') return { sharing: ALL, sharedWith: [] };
  return { sharing: sharing.length === 0 ? NOBODY : NAMED, sharedWith: [...sharing] };
}

/** After its end a certificate continues while a renewal lodged in time is not decided. */
function endOf({ validUntil, continuesFor }: Certificate): string | null {
  return continuesFor === null ? validUntil : null;
}

function dateOf(instant: string | null): Date | undefined {
  return instant === null ? undefined : new Date(instant);
}
