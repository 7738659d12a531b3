import { AppError, type ErrorCode } from '@aeo/platform/errors';
import { registryService, type common } from '@aeo/proto';
import type { Command, RefusalReason } from '../../domain/operator/decide.ts';
import {
  heldUnder,
  type Application,
  type CriterionResult,
  type Operator,
} from '../../domain/operator/operator.ts';
import type { Readable } from './read-request.ts';

export type WireResult = NonNullable<registryService.RegistryCommandResult['result']>;

/** The version of the operator's published status once the transaction is over, and the token that stands for it. */
export type Reached = { version: common.StatusVersion; minVersion: string };

export function problemOf({ code, reason, message, fields }: AppError): WireResult {
  const detail = code === 'internal' ? '' : message;
  return { $case: 'problem', value: { code, reason, detail, fields: [...fields] } };
}

/** @param path the field that is refused, where it is one */
export function refusalOf(reason: RefusalReason | 'NOT_ALLOWED', path?: string): WireResult {
  return problemOf(errorOf(reason, path));
}

/** The same as an error. */
export function errorOf(reason: RefusalReason | 'NOT_ALLOWED', path?: string): AppError {
  const fields = path === undefined ? [] : [{ path, code: reason }];
  return new AppError(codeOf(reason), reason, 'the command does not fit the present state', { fields });
}

const ofSomebodyElse: ReadonlySet<string> = new Set(['SAME_PERSON', 'FACT_ORIGIN', 'NOT_ALLOWED']);

function codeOf(reason: RefusalReason | 'NOT_ALLOWED'): ErrorCode {
  if (reason === 'NOT_FOUND') return 'not_found';
  if (ofSomebodyElse.has(reason)) return 'denied';
  return /^(FIELD|EVIDENCE|IDENTIFIER)_/.test(reason) ? 'invalid' : 'conflict';
}

/** What an accepted command is answered; the time of the answer is added once the commit has returned. */
export function resultOf(
  { wire: { $case }, command }: Readable,
  state: Operator,
  reached: Reached,
): WireResult {
  const known = { ...reached, answeredAt: undefined };
  switch ($case) {
    case 'registerOperator':
    case 'recordComplianceFacts':
    case 'submitApplication':
    case 'recordFacts':
    case 'recordEvidence':
    case 'recordPerson':
    case 'takeStep':
      return { $case, value: reached };
    case 'decideApplication':
      return { $case, value: { ...decisionOf(command, state), ...known } };
    case 'approveDecision':
      return { $case, value: { ...grantOf(command, state), ...known } };
    case 'suspendCertificate':
      return { $case, value: { ...known, effectiveFrom: effectiveFromOf(command, state) } };
    case 'reinstateCertificate':
    case 'revokeCertificate':
      return { $case, value: known };
  }
}

/** The same result, told when it is given; results without such a time stay as they are. */
export function answeredAt(result: WireResult, time: Date): WireResult {
  if (!('answeredAt' in result.value)) return result;
  return { ...result, value: { ...result.value, answeredAt: time } } as WireResult;
}

function effectiveFromOf(command: Command, state: Operator): Date | undefined {
  if (command.type !== 'SuspendCertificate') return undefined;
  const certificate = heldUnder(state.certificates, command.certificateId);
  return certificate && new Date(certificate.effectiveFrom);
}

function decisionOf(command: Command, state: Operator) {
  const application = applicationOf(command, state);
  const [certificateId = ''] = application?.certificateIds ?? [];
  const results = application?.proposal?.results ?? application?.results ?? [];
  return {
    granted: certificateId !== '',
    proposed: application?.proposal != null,
    certificateId,
    tier: heldUnder(state.certificates, certificateId)?.tier ?? '',
    criteria: results.map(criterionOf),
  };
}

function grantOf(command: Command, state: Operator) {
  const granted = (applicationOf(command, state)?.certificateIds ?? []).map((certificateId) => {
    const { component = '', tier = '' } = heldUnder(state.certificates, certificateId) ?? {};
    return { certificateId, component, tier };
  });
  return { certificateId: granted[0]?.certificateId ?? '', tier: granted[0]?.tier ?? '', granted };
}

function applicationOf(command: Command, state: Operator): Application | undefined {
  return 'applicationId' in command ? heldUnder(state.applications, command.applicationId) : undefined;
}

const outcomes = {
  met: registryService.CriterionOutcome.MET,
  not_met: registryService.CriterionOutcome.NOT_MET,
  unknown: registryService.CriterionOutcome.UNKNOWN,
} as const;

function criterionOf({
  criterionId,
  tier,
  outcome,
  factsRead,
  text,
}: CriterionResult): registryService.CriterionResult {
  return { criterionId, tier, outcome: outcomes[outcome], factsRead, text };
}
