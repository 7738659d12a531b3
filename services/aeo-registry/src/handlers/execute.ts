import { createHash } from 'node:crypto';
import { AppError, toAppError } from '@aeo/platform/errors';
import type { common } from '@aeo/proto';
import { registryService } from '@aeo/proto';
import { decide, type Command, type Decision } from '../domain/decide.ts';
import { evolve, heldUnder, type Event, type Operator } from '../domain/operator.ts';
import type { CriterionResult } from '../domain/programme.ts';
import type { Ports, Unit } from '../ports.ts';
import { statusToken } from '../status-message.ts';
import { readCommand, type WireCommand } from './read-command.ts';

export type WireResult = NonNullable<registryService.RegistryCommandResult['result']>;

type Answered = { wire: WireCommand; command: Command } | { problem: AppError };

type Outcome = { state: Operator | undefined; version: bigint; results: (Decision | AppError)[] };

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
  const problems = read.flatMap((each) => ('problem' in each ? [problemOf(each.problem)] : []));
  // What cannot be read asks for nothing, and its operator id need not be one.
  if (problems.length === read.length) return problems;
  const outcome = await ports.withOperator(operatorId, (unit) => carryOut(ports, unit, read, actor));
  return answersOf(ports, operatorId, read, outcome);
}

/**
 * Carries out one command under a caller's key: the same request again is answered as before and changes nothing.
 *
 * @throws AppError `conflict` KEY_REUSED where the key was used for another request
 */
export async function executeOnce(
  ports: Ports,
  operatorId: string,
  wire: WireCommand,
  caller: { actor: string; key: string },
): Promise<WireResult> {
  const read = [readOrProblem(wire)];
  const [only] = read;
  if (only === undefined || 'problem' in only) return problemOf(only?.problem ?? refusal('NOT_FOUND'));
  const key = { ...caller, requestHash: hashOf(wire) };
  const earlier = await ports.withOperator(operatorId, async (unit) => {
    const held = await unit.recall(key);
    if (held !== undefined) return held;
    const outcome = await carryOut(ports, unit, read, caller.actor);
    const [result] = resultsOf(ports, operatorId, read, outcome, undefined);
    const answer = registryService.RegistryCommandResult.encode({ result }).finish();
    if (result?.$case !== 'problem') await unit.remember(key, answer);
    return answer;
  });
  const answeredAt = await ports.databaseNow();
  const { result } = registryService.RegistryCommandResult.decode(earlier);
  if (result !== undefined && 'answeredAt' in result.value) result.value.answeredAt = answeredAt;
  return result ?? problemOf(refusal('NOT_FOUND'));
}

function hashOf(command: WireCommand): Buffer {
  const bytes = registryService.RegistryCommand.encode({ command }).finish();
  return createHash('sha256').update(bytes).digest();
}

async function carryOut(ports: Ports, unit: Unit, read: Answered[], actor: string): Promise<Outcome> {
  const { operator, now, save } = unit;
  let state = operator.state;
  const events: Event[] = [];
  const results = read.map((each): Decision | AppError => {
    if ('problem' in each) return each.problem;
    const decision = decide(each.command, state, { ...ports.rules, now: now.toISOString() });
    for (const event of decision.kind === 'accepted' ? decision.events : []) {
      state = evolve(state, event);
      events.push(event);
    }
    return decision;
  });
  const version = events.length > 0 && state ? await save(state, events, actor) : operator.version;
  return { state, version, results };
}

async function answersOf(ports: Ports, operatorId: string, read: Answered[], outcome: Outcome) {
  // Read after the commit has returned and before anybody is answered: bounds count from here.
  return resultsOf(ports, operatorId, read, outcome, await ports.databaseNow());
}

function resultsOf(
  { epoch }: Pick<Ports, 'epoch'>,
  operatorId: string,
  read: Answered[],
  { state, version: number, results }: Outcome,
  answeredAt: Date | undefined,
): WireResult[] {
  const version = { epoch, number };
  const known = { version, minVersion: statusToken(operatorId, version), answeredAt };
  return results.map((result, index) => {
    const each = read[index];
    if (result instanceof AppError) return problemOf(result);
    if (result.kind === 'refused') return problemOf(refusal(result.reason));
    if (each === undefined || 'problem' in each || state === undefined)
      return problemOf(refusal('NOT_FOUND'));
    return resultOf(each.wire, each.command, state, known);
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
  return new AppError(
    reason === 'NOT_FOUND' ? 'not_found' : 'conflict',
    reason,
    'the command does not fit the present state',
  );
}

function problemOf({ code, reason, message, fields }: AppError): WireResult {
  return { $case: 'problem', value: { code, reason, detail: message, fields: [...fields] } };
}

type Known = { version: common.StatusVersion; minVersion: string; answeredAt: Date | undefined };

function resultOf({ $case }: WireCommand, command: Command, state: Operator, known: Known): WireResult {
  const { version, minVersion } = known;
  switch ($case) {
    case 'registerOperator':
    case 'recordComplianceFacts':
    case 'submitApplication':
      return { $case, value: { version, minVersion } };
    case 'decideApplication':
      return { $case, value: decisionOf(command, state, known) };
    case 'suspendCertificate': {
      const certificate =
        command.type === 'SuspendCertificate'
          ? heldUnder(state.certificates, command.certificateId)
          : undefined;
      const effectiveFrom = certificate && new Date(certificate.effectiveFrom);
      return { $case, value: { ...known, effectiveFrom } };
    }
    case 'reinstateCertificate':
    case 'revokeCertificate':
      return { $case, value: known };
  }
}

function decisionOf(command: Command, state: Operator, known: Known) {
  const application =
    command.type === 'DecideApplication' ? heldUnder(state.applications, command.applicationId) : undefined;
  const certificateId = application?.status === 'granted' ? application.certificateId : '';
  const results = application === undefined || application.status === 'submitted' ? [] : application.results;
  return {
    granted: certificateId !== '',
    certificateId,
    tier: heldUnder(state.certificates, certificateId)?.tier ?? '',
    criteria: results.map(criterionOf),
    ...known,
  };
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
