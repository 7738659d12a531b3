import { createHash } from 'node:crypto';
import { isIdentifier, isPlainText } from '@aeo/platform/field-formats';
import type { CertificateCommand, Command } from '../domain/operator/command.ts';
import type { IdentifierClaim, Instant } from '../domain/operator/event.ts';
import { sizeClasses } from '../application/publication/status-message.ts';
import { countsMax, instantOf, isPeriod, lengthsMax } from './field-rules.ts';
import type { Check } from './refusals.ts';

/*
 * Commands that gRPC and REST both carry. Request hashes are over the JSON of a command, fields in their order here, so
 * that a key used over one is known over the other.
 */

type Registration = {
  name: string;
  identifiers: readonly {
    identifier: IdentifierClaim['identifier'];
    validity: { validFrom?: Date | undefined; validUntil?: Date | undefined };
  }[];
  /** As the number of the contract. */
  sizeClass: number;
};

export function registerOperator({ name, identifiers, sizeClass }: Registration, check: Check): Command {
  const size = Object.entries(sizeClasses).find(([, number]) => number === sizeClass)?.[0];
  check(isPlainText(name, lengthsMax.name), 'name', 'FIELD_FORMAT');
  check(identifiers.length > 0, 'identifiers', 'FIELD_REQUIRED');
  check(identifiers.length <= countsMax.identifiers, 'identifiers', 'BATCH_TOO_LARGE');
  check(size !== undefined, 'sizeClass', 'FIELD_UNKNOWN_VALUE');
  const claims = identifiers.map(({ identifier, validity }, index) => {
    const path = `identifiers[${index}]`;
    check(isIdentifier(identifier), `${path}.identifier`, 'IDENTIFIER_FORMAT');
    const { validFrom, validUntil } = validity;
    check(isPeriod(validFrom, validUntil), `${path}.validity`, 'FIELD_RANGE');
    return { identifier, validFrom: instantOf(validFrom), validUntil: instantOf(validUntil) };
  });
  return { type: 'RegisterOperator', profile: { name, identifiers: claims, sizeClass: size ?? '' } };
}

type Submission = {
  applicationId: string;
  programmeId: string;
  tiers: string[];
  roles: string[];
  renewal: boolean;
};

/** What is applied for stands in the draft unless it stands here. */
export function submitApplication(submission: Submission): Command {
  const { applicationId, programmeId, tiers, roles, renewal } = submission;
  const isStated = tiers.length > 0 || roles.length > 0 || renewal;
  const applied = isStated ? { tiers, roles, designatedFor: [], renewal } : undefined;
  return { type: 'SubmitApplication', applicationId, programmeId, applied };
}

export function decisionOn(
  type: 'DecideApplication' | 'ApproveDecision',
  { operatorId, applicationId }: { operatorId: string; applicationId: string },
): Command {
  return { type, applicationId, certificateId: certificateIdOf(operatorId, applicationId) };
}

/**
 * Named by operator and application, so that a repeated command grants no second certificate and no two operators
 * get one of the same name. No id contains the separator.
 */
function certificateIdOf(operatorId: string, applicationId: string): string {
  return `certificate-${createHash('sha256').update(`${operatorId}/${applicationId}`).digest('hex').slice(0, 32)}`;
}

/** One of the reasons that the programme lists for the act, where one is named. */
type LegalGround = { reasonId?: string | undefined };

type CertificateChange = { certificateId: string; reason: string };

export function suspendCertificate(
  { certificateId, reason, reasonId }: CertificateChange & LegalGround,
  effectiveFrom: Instant | null,
): CertificateCommand {
  return { type: 'SuspendCertificate', certificateId, reason, reasonId, effectiveFrom };
}

export function reinstateCertificate({ certificateId, reason }: CertificateChange): CertificateCommand {
  return { type: 'ReinstateCertificate', certificateId, reason };
}

export function revokeCertificate({
  certificateId,
  reason,
  reasonId,
}: CertificateChange & LegalGround): CertificateCommand {
  return { type: 'RevokeCertificate', certificateId, reason, reasonId };
}
