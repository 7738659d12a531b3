import { AppError, toAppError } from '@aeo/platform/errors';
import type { common } from '@aeo/proto';
import { registryService } from '@aeo/proto';
import { decide, type Command, type Decision } from '../domain/decide.ts';
import { evolve, type Event, type Operator } from '../domain/operator.ts';
import type { CriterionResult } from '../domain/programme.ts';
import type { Ports } from '../ports.ts';
import { readCommand, type WireCommand } from './read-command.ts';

export type WireResult = NonNullable<registryService.RegistryCommandResult['result']>;

type Answered = { wire: WireCommand; command: Command } | { problem: AppError };

/**
 * Carries out commands on one operator, in order, in one transaction; a refused command changes nothing and the
 * others go on. Every RPC, single or batch, comes through here.
 */
export async function execute(
  ports: Ports,
  operatorId: string,
  wires: WireCommand[],
  actor: string,
): Promise<WireResult[]> {
  const read = wires.map(readOrProblem);
  const outcome = await ports.withOperator(operatorId, async ({ operator, save }) => {
    let state = operator.state;
    const events: Event[] = [];
    const results = read.map((each): Decision | AppError => {
      if ('problem' in each) return each.problem;
      const decision = decide(each.command, state, { ...ports.rules, now: ports.now().toISOString() });
      for (const event of decision.kind === 'accepted' ? decision.events : []) {
        state = evolve(state, event);
        events.push(event);
      }
      return decision;
    });
    const version = events.length > 0 && state ? await save(state, events, actor) : operator.version;
    return { state, version, results };
  });
  // Read after the commit has returned and before anybody is answered: bounds count from here.
  const answeredAt = await ports.databaseNow();
  const version = { epoch: ports.epoch, number: outcome.version };
  return outcome.results.map((result, index) => {
    const each = read[index];
    if (result instanceof AppError) return problemOf(result);
    if (result.kind === 'refused') return problemOf(refusal(result.reason));
    if (each === undefined || 'problem' in each || outcome.state === undefined)
      return problemOf(refusal('NOT_FOUND'));
    return resultOf(each.wire, each.command, outcome.state, version, answeredAt);
  });
}

function readOrProblem(wire: WireCommand): Answered {
  try {
    return { wire, command: readCommand(wire) };
  } catch (error) {
    return { problem: toAppError(error) };
  }
}

function refusal(reason: (Decision & { kind: 'refused' })['reason']): AppError {
  const code = reason === 'NOT_FOUND' ? 'not_found' : reason === 'FIELD_RANGE' ? 'invalid' : 'conflict';
  return new AppError(code, reason, 'the command does not fit the present state');
}

function problemOf({ code, reason, message, fields }: AppError): WireResult {
  return { $case: 'problem', value: { code, reason, detail: message, fields: [...fields] } };
}

function resultOf(
  { $case }: WireCommand,
  command: Command,
  state: Operator,
  version: common.StatusVersion,
  answeredAt: Date,
): WireResult {
  switch ($case) {
    case 'registerOperator':
    case 'recordComplianceFacts':
    case 'submitApplication':
      return { $case, value: { version } };
    case 'decideApplication':
      return { $case, value: decisionOf(command, state, version, answeredAt) };
    case 'suspendCertificate': {
      const certificate =
        command.type === 'SuspendCertificate' ? state.certificates[command.certificateId] : undefined;
      return {
        $case,
        value: { version, answeredAt, effectiveFrom: new Date(certificate?.effectiveFrom ?? answeredAt) },
      };
    }
    case 'reinstateCertificate':
    case 'revokeCertificate':
      return { $case, value: { version, answeredAt } };
  }
}

function decisionOf(command: Command, state: Operator, version: common.StatusVersion, answeredAt: Date) {
  const application =
    command.type === 'DecideApplication' ? state.applications[command.applicationId] : undefined;
  const certificateId = application?.status === 'granted' ? application.certificateId : '';
  const results = application === undefined || application.status === 'submitted' ? [] : application.results;
  return registryService.DecideApplicationResponse.fromPartial({
    granted: certificateId !== '',
    certificateId,
    tier: state.certificates[certificateId]?.tier ?? '',
    criteria: results.map(criterionOf),
    version,
    answeredAt,
  });
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
