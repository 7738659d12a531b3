import type { registryService } from '@aeo/proto';
import { idPattern, isPlainText } from '@aeo/platform/field-formats';
import type { Command } from '../../domain/operator/decide.ts';
import { controlsOrigin } from '../../domain/operator/operator.ts';
import { instantOf, isInRange, isPeriod, lengthsMax } from '../field-rules.ts';
import { checked, type Check } from '../refusals.ts';
import {
  reinstateCertificate,
  revokeCertificate,
  decisionOn,
  registerOperator,
  submitApplication,
  suspendCertificate,
} from '../shared-commands.ts';
import type { CommandMessage } from '../status-commands.ts';
import { checkIds, readEvidence, readPerson, readProgrammeFacts, readStep } from './read-record-command.ts';

/**
 * The domain's command of a message.
 *
 * @throws AppError `invalid` with the path and code of every field that cannot be used
 */
export function readCommand(message: CommandMessage): Command {
  return checked((check) => {
    for (const [path, given] of Object.entries(message.value) as [string, unknown][]) {
      if (path.endsWith('Id') && given !== undefined)
        check(typeof given === 'string' && idPattern.test(given), path, 'FIELD_FORMAT');
    }
    return commandOf(message, check);
  });
}

function commandOf({ $case, value }: CommandMessage, check: Check): Command {
  switch ($case) {
    case 'registerOperator':
      return readRegistration(value, check);
    case 'recordComplianceFacts':
      return readComplianceFacts(value, check);
    case 'submitApplication':
      checkIds(value.tiers, 'tiers', check);
      checkIds(value.roles, 'roles', check);
      return submitApplication(value);
    case 'decideApplication':
      return decisionOn('DecideApplication', value);
    case 'approveDecision':
      return decisionOn('ApproveDecision', value);
    case 'recordFacts':
      return readProgrammeFacts(value, check);
    case 'recordEvidence':
      return readEvidence(value, check);
    case 'recordPerson':
      return readPerson(value, check);
    case 'takeStep':
      return readStep(value, check);
    case 'suspendCertificate':
      return readSuspension(value, check);
    case 'reinstateCertificate':
      checkReason(value.reason, check);
      return reinstateCertificate(value);
    case 'revokeCertificate':
      checkReason(value.reason, check);
      return revokeCertificate(value);
  }
}

function readRegistration(value: registryService.RegisterOperatorRequest, check: Check): Command {
  const identifiers = value.identifiers.map(({ identifier, validity = {} }) => {
    const { scheme = '', country = '', value: number = '' } = identifier ?? {};
    return { identifier: { scheme, country, value: number }, validity };
  });
  return registerOperator({ ...value, identifiers }, check);
}

function readComplianceFacts(value: registryService.RecordComplianceFactsRequest, check: Check): Command {
  const number = (name: 'declarations' | 'controls' | 'findings' | 'criticalFindings', max: bigint) => {
    check(value[name] >= 0n && value[name] <= max, name, 'FIELD_RANGE');
    return Number(value[name]);
  };
  check(/^[a-z][a-z0-9-]{0,39}$/.test(value.origin), 'origin', 'FIELD_FORMAT');
  // Border posts report what controls found; callers do not.
  check(value.origin !== controlsOrigin, 'origin', 'FIELD_RANGE');
  const { validFrom, validUntil } = value.period ?? {};
  check(isPeriod(validFrom, validUntil), 'period', 'FIELD_RANGE');
  const facts = {
    from: instantOf(validFrom),
    until: instantOf(validUntil),
    declarations: number('declarations', 1_000_000_000n),
    controls: number('controls', 1_000_000_000n),
    findings: number('findings', value.controls),
    criticalFindings: number('criticalFindings', value.findings),
  };
  return { type: 'RecordComplianceFacts', origin: value.origin, facts };
}

function readSuspension(value: registryService.SuspendCertificateRequest, check: Check): Command {
  const { effectiveFrom, reason } = value;
  check(effectiveFrom === undefined || isInRange(effectiveFrom), 'effectiveFrom', 'FIELD_RANGE');
  checkReason(reason, check);
  return suspendCertificate(value, instantOf(effectiveFrom));
}

function checkReason(reason: string, check: Check): void {
  check(isPlainText(reason, lengthsMax.reason), 'reason', 'FIELD_FORMAT');
}
