import type { AppError } from '@aeo/platform/errors';
import { registryService } from '@aeo/proto';
import type { Accepted } from '../application/command-outcome.ts';
import { statusToken } from '../application/publication/status-message.ts';
import type { Command } from '../domain/operator/decide.ts';
import {
  lookUp,
  type Application,
  type CriterionResult,
  type Operator,
} from '../domain/operator/operator.ts';

export type CommandResult = NonNullable<registryService.RegistryCommandResult['result']>;

/** The result of a command that was refused. */
export function problemOf({ code, reason, message, fields }: AppError): CommandResult {
  const detail = code === 'internal' ? '' : message;
  return { $case: 'problem', value: { code, reason, detail, fields: [...fields] } };
}

type HandledCommand = {
  $case: Exclude<CommandResult['$case'], 'problem'>;
  command: Command;
  operatorId: string;
};

/** What an accepted command is answered; the time of the answer is added once the commit has returned. */
export function resultOf(
  { $case, command, operatorId }: HandledCommand,
  { state, version }: Pick<Accepted, 'state' | 'version'>,
): CommandResult {
  const reached = { version, minVersion: statusToken(operatorId, version) };
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

/** The result with the time of the answer; results without such a field stay as they are. */
export function answeredAt(result: CommandResult, time: Date): CommandResult {
  if (!('answeredAt' in result.value)) return result;
  return { ...result, value: { ...result.value, answeredAt: time } } as CommandResult;
}

function effectiveFromOf(command: Command, state: Operator): Date | undefined {
  if (command.type !== 'SuspendCertificate') return undefined;
  const certificate = lookUp(state.certificates, command.certificateId);
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
    tier: lookUp(state.certificates, certificateId)?.tier ?? '',
    criteria: results.map(criterionOf),
  };
}

function grantOf(command: Command, state: Operator) {
  const granted = (applicationOf(command, state)?.certificateIds ?? []).map((certificateId) => {
    const { component = '', tier = '' } = lookUp(state.certificates, certificateId) ?? {};
    return { certificateId, component, tier };
  });
  return { certificateId: granted[0]?.certificateId ?? '', tier: granted[0]?.tier ?? '', granted };
}

function applicationOf(command: Command, state: Operator): Application | undefined {
  return 'applicationId' in command ? lookUp(state.applications, command.applicationId) : undefined;
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
