import { registryService } from '@aeo/proto';
import { authorizationProblem, type Asker } from '../domain/operator/access.ts';
import { decide, type World } from '../domain/operator/decide.ts';
import { evolve, type Operator } from '../domain/operator/operator.ts';
import type { Authored, IdempotentAnswer } from '../ports.ts';
import { isReadable, type Readable, type Request } from '../edge/grpc/read-request.ts';
import { problemOf, refusalOf, type WireResult } from '../edge/grpc/results.ts';

/** What became of one request: an answer already, or a state reached, whose version is known once it is saved. */
export type Step =
  | { kind: 'answered'; result: WireResult }
  | { kind: 'accepted'; request: Readable; state: Operator }
  | { kind: 'repeated'; step: number };

/** The world, and who asks in it; each request has its own actor. */
type Around = Omit<World, 'actor'> & { asker: Asker };

export type CarriedOut = { steps: Step[]; state: Operator | undefined; events: Authored[] };

/**
 * Carries out requests on one operator, in order. A key used before is answered as then, one used for something else
 * is refused, and neither changes anything.
 */
export function carryOut(
  before: Operator | undefined,
  requests: readonly Request[],
  kept: readonly IdempotentAnswer[],
  world: Around,
): CarriedOut {
  const answers = new Map(kept.map((answer) => [answer.key, answer]));
  const accepted = new Map<string, { step: number; hash: Buffer }>();
  const done: CarriedOut = { steps: [], state: before, events: [] };
  for (const request of requests) {
    const earlier = isReadable(request) ? earlierOf(request, answers, accepted) : undefined;
    const step = earlier ?? carryOutOne(done, request, world);
    if (step.kind === 'accepted' && step.request.key !== undefined)
      accepted.set(step.request.key, { step: done.steps.length, hash: step.request.hash });
    done.steps.push(step);
  }
  return done;
}

function earlierOf(
  { key, hash }: Readable,
  answers: ReadonlyMap<string, IdempotentAnswer>,
  accepted: ReadonlyMap<string, { step: number; hash: Buffer }>,
): Step | undefined {
  if (key === undefined) return undefined;
  const answer = answers.get(key);
  const inThisBatch = accepted.get(key);
  const used = answer?.requestHash ?? inThisBatch?.hash;
  if (used === undefined) return undefined;
  if (!used.equals(hash)) return { kind: 'answered', result: refusalOf('KEY_REUSED') };
  if (inThisBatch !== undefined) return { kind: 'repeated', step: inThisBatch.step };
  const result = answer && registryService.RegistryCommandResult.decode(answer.answer).result;
  return result && { kind: 'answered', result };
}

function carryOutOne(done: CarriedOut, request: Request, around: Around): Step {
  if (!isReadable(request)) return { kind: 'answered', result: problemOf(request) };
  const { actor } = request;
  const { asker, ...rules } = around;
  const world = { ...rules, actor };
  const odd = authorizationProblem(request.command, asker, done.state, world);
  if (odd !== undefined) return { kind: 'answered', result: refusalOf(odd.reason, odd.path) };
  const decision = decide(request.command, done.state, world);
  if (decision.kind === 'refused')
    return { kind: 'answered', result: refusalOf(decision.reason, decision.path) };
  for (const event of decision.events) done.state = evolve(done.state, event);
  done.events.push(...decision.events.map((event) => ({ event, actor })));
  if (done.state === undefined) return { kind: 'answered', result: refusalOf('NOT_FOUND') };
  return { kind: 'accepted', request, state: done.state };
}
