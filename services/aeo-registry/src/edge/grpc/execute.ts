import { registryService } from '@aeo/proto';
import type { IdempotentAnswer, Ports, OperatorTransaction } from '../../ports.ts';
import { statusToken } from '../../application/publication/status-message.ts';
import type { Caller } from './caller.ts';
import { carryOut, type Step } from '../../application/execute-commands.ts';
import { isReadable, readRequest, type Asked, type Request } from './read-request.ts';
import { answeredAt, problemOf, refusalOf, resultOf, type Reached, type WireResult } from './results.ts';

/**
 * Carries out commands on one operator, in order, in one transaction; a refused command changes nothing and the
 * others go on. Every RPC, single or batch, comes through here.
 */
export async function execute(
  ports: Ports,
  operatorId: string,
  asked: readonly Asked[],
  caller: Caller,
): Promise<WireResult[]> {
  const requests = asked.map(readRequest);
  const problems = requests.flatMap((each) => (isReadable(each) ? [] : [problemOf(each)]));
  // What cannot be read asks for nothing, and its operator id need not be one.
  if (problems.length === requests.length) return problems;
  const results = await ports.withOperator(operatorId, (unit) => answer(ports, unit, requests, caller));
  // Read after the commit has returned and before anybody is answered: bounds count from here.
  const time = await ports.databaseNow();
  return results.map((result) => answeredAt(result, time));
}

async function answer(
  { rules, epoch }: Ports,
  {
    operator,
    now,
    save,
    findIdempotentAnswers: recall,
    saveIdempotentAnswers: remember,
  }: OperatorTransaction,
  requests: readonly Request[],
  caller: Caller,
): Promise<WireResult[]> {
  const keys = requests.flatMap((each) => (isReadable(each) ? (each.key ?? []) : []));
  const kept = await recall(caller.name, keys);
  const world = { ...rules, now: now.toISOString() };
  const { steps, state, events } = carryOut(operator.state, requests, kept, {
    ...world,
    asker: caller.principal,
  });
  const number = events.length > 0 && state ? await save(state, events, caller.name) : operator.version;
  const version = { epoch, number };
  const reached = { version, minVersion: statusToken(operator.operatorId, version) };
  const results = resultsOf(steps, reached);
  await remember(caller.name, newAnswers(steps, results));
  return results;
}

function resultsOf(steps: readonly Step[], reached: Reached): WireResult[] {
  const results: WireResult[] = [];
  for (const step of steps) {
    if (step.kind === 'answered') results.push(step.result);
    else if (step.kind === 'accepted') results.push(resultOf(step.request, step.state, reached));
    else results.push(results[step.step] ?? refusalOf('NOT_FOUND'));
  }
  return results;
}

/** Refusals are not kept: their keys may be used once the command fits. */
function newAnswers(steps: readonly Step[], results: readonly WireResult[]): IdempotentAnswer[] {
  return steps.flatMap((step, index) => {
    if (step.kind !== 'accepted' || step.request.key === undefined) return [];
    const encoded = registryService.RegistryCommandResult.encode({ result: results[index] }).finish();
    return [{ key: step.request.key, requestHash: step.request.hash, answer: Buffer.from(encoded) }];
  });
}
