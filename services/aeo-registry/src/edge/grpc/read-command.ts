import { createHash } from 'node:crypto';
import type { FieldProblem } from '@aeo/platform/errors';
import type { registryService } from '@aeo/proto';
import type { Command } from '../../domain/operator/decide.ts';
import { idPattern, isPlainText } from '@aeo/platform/field-formats';
import { controlsOrigin, type IdentifierClaim } from '../../domain/operator/operator.ts';
import { sizeClasses } from '../../application/publication/status-message.ts';
import { refuseFields } from './fields.ts';
import {
  readEvidence,
  readPerson,
  readProgrammeFacts,
  readStep,
  readSubmission,
} from './read-file-command.ts';

export type WireCommand = NonNullable<registryService.RegistryCommand['command']>;

/**
 * The domain's command of a message.
 *
 * @throws AppError `invalid` with the path and code of every field that cannot be used
 */
export function readCommand({ $case, value }: WireCommand): Command {
  const problems: FieldProblem[] = [];
  const check = (holds: boolean, path: string, code: string) => {
    if (!holds) problems.push({ path, code });
  };
  for (const [path, given] of Object.entries(value) as [string, unknown][]) {
    if (path.endsWith('Id')) check(typeof given === 'string' && idPattern.test(given), path, 'FIELD_FORMAT');
  }
  const command = commandOf({ $case, value } as WireCommand, check);
  refuseFields(problems);
  return command;
}

export type Check = (holds: boolean, path: string, code: string) => void;

function commandOf({ $case, value }: WireCommand, check: Check): Command {
  switch ($case) {
    case 'registerOperator':
      return readRegister(value, check);
    case 'recordComplianceFacts':
      return readFacts(value, check);
    case 'submitApplication':
      return readSubmission(value, check);
    case 'decideApplication':
    case 'approveDecision': {
      const { operatorId, applicationId } = value;
      const certificateId = certificateIdOf(operatorId, applicationId);
      const type = $case === 'decideApplication' ? 'DecideApplication' : 'ApproveDecision';
      return { type, applicationId, certificateId };
    }
    case 'recordFacts':
      return readProgrammeFacts(value, check);
    case 'recordEvidence':
      return readEvidence(value, check);
    case 'recordPerson':
      return readPerson(value, check);
    case 'takeStep':
      return readStep(value, check);
    case 'suspendCertificate': {
      const { certificateId, reason, effectiveFrom } = value;
      check(effectiveFrom === undefined || inRange(effectiveFrom), 'effectiveFrom', 'FIELD_RANGE');
      return {
        type: 'SuspendCertificate',
        certificateId,
        reason: readReason(reason, check),
        effectiveFrom: instant(effectiveFrom),
      };
    }
    case 'reinstateCertificate':
      return {
        type: 'ReinstateCertificate',
        certificateId: value.certificateId,
        reason: readReason(value.reason, check),
      };
    case 'revokeCertificate':
      return {
        type: 'RevokeCertificate',
        certificateId: value.certificateId,
        reason: readReason(value.reason, check),
      };
  }
}

/**
 * Named by operator and application, so that a repeated command grants no second certificate and no two operators
 * get one of the same name. No id contains the separator.
 */
function certificateIdOf(operatorId: string, applicationId: string): string {
  return `certificate-${createHash('sha256').update(`${operatorId}/${applicationId}`).digest('hex').slice(0, 32)}`;
}

function readRegister(value: registryService.RegisterOperatorRequest, check: Check): Command {
  const { name, identifiers } = value;
  const size = Object.entries(sizeClasses).find(([, number]) => number === value.sizeClass)?.[0];
  check(isPlainText(name, 200), 'name', 'FIELD_FORMAT');
  check(identifiers.length > 0, 'identifiers', 'FIELD_REQUIRED');
  check(identifiers.length <= 50, 'identifiers', 'BATCH_TOO_LARGE');
  check(size !== undefined, 'sizeClass', 'FIELD_UNKNOWN_VALUE');
  const claims = identifiers.map(({ identifier, validity }, index): IdentifierClaim => {
    const { scheme = '', country = '', value: number = '' } = identifier ?? {};
    const holds =
      /^[a-z][a-z0-9-]{1,39}$/.test(scheme) && /^[A-Z]{2}$/.test(country) && /^[A-Z0-9-]{1,35}$/.test(number);
    check(holds, `identifiers[${index}].identifier`, 'IDENTIFIER_FORMAT');
    const { validFrom, validUntil } = validity ?? {};
    check(inOrder(validFrom, validUntil), `identifiers[${index}].validity`, 'FIELD_RANGE');
    return {
      identifier: { scheme, country, value: number },
      validFrom: instant(validFrom),
      validUntil: instant(validUntil),
    };
  });
  return { type: 'RegisterOperator', profile: { name, identifiers: claims, sizeClass: size ?? '' } };
}

function readFacts(value: registryService.RecordComplianceFactsRequest, check: Check): Command {
  const number = (name: 'declarations' | 'controls' | 'findings' | 'criticalFindings', max: bigint) => {
    check(value[name] >= 0n && value[name] <= max, name, 'FIELD_RANGE');
    return Number(value[name]);
  };
  check(/^[a-z][a-z0-9-]{0,39}$/.test(value.origin), 'origin', 'FIELD_FORMAT');
  // What controls found is told by border posts, not by callers.
  check(value.origin !== controlsOrigin, 'origin', 'FIELD_RANGE');
  const { validFrom, validUntil } = value.period ?? {};
  check(inOrder(validFrom, validUntil), 'period', 'FIELD_RANGE');
  const facts = {
    from: instant(validFrom),
    until: instant(validUntil),
    declarations: number('declarations', 1_000_000_000n),
    controls: number('controls', 1_000_000_000n),
    findings: number('findings', value.controls),
    criticalFindings: number('criticalFindings', value.findings),
  };
  return { type: 'RecordComplianceFacts', origin: value.origin, facts };
}

function readReason(reason: string, check: Check): string {
  check(isPlainText(reason, 500), 'reason', 'FIELD_FORMAT');
  return reason;
}

function inRange(date: Date): boolean {
  return date >= new Date('1990-01-01') && date < new Date('2200-01-01');
}

function inOrder(from: Date | undefined, until: Date | undefined): boolean {
  if ([from, until].some((date) => date !== undefined && !inRange(date))) return false;
  return from === undefined || until === undefined || from < until;
}

/** Null for a date that is absent or no date at all; the latter is refused by the checks. */
function instant(date: Date | undefined): string | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
