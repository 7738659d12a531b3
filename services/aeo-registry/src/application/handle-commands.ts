import { authorizationProblem, mayAccess, isOfAuthority } from '../domain/operator/access.ts';
import { decide } from '../domain/operator/decide.ts';
import { evolve, type Event, type Instant, type Operator } from '../domain/operator/operator.ts';
import type { AuthoredEvent, OperatorTransaction, Ports } from '../ports.ts';
import type { Accepted, CommandBatch, CommandOutcome, CommandRequest } from './command-outcome.ts';
import { idempotencyKeys, type IdempotencyKeys } from './idempotency.ts';

export type CommandPorts = Pick<Ports, 'withOperator' | 'rules' | 'epoch'>;

/**
 * Handles commands on one operator in order, in one transaction. A refused command changes nothing and the others go on.
 * Every command comes through here: from gRPC and REST callers, from events, and from deadlines.
 */
export function handleCommands<Answer>(
  { withOperator, rules, epoch }: CommandPorts,
  batch: CommandBatch<Answer>,
): Promise<CommandOutcome<Answer>[]> {
  return withOperator(batch.operatorId, async (transaction) => {
    const keys = await idempotencyKeys(transaction, batch);
    const progress = { transaction, batch, keys, state: transaction.operator.state, events: [] };
    const steps: Step<Answer>[] = [];
    for (const request of batch.requests) {
      const step = await handleRequest(progress, request, rules);
      if (step.kind === 'accepted') keys.accept(request, steps.length);
      steps.push(step);
    }
    const number = await save(progress, steps);
    const outcomes = outcomesOf(steps, { version: { epoch, number }, now: transaction.now.toISOString() });
    await keys.save(outcomes);
    return outcomes;
  });
}

/** An outcome before the transaction's version is known. */
type Step<Answer> =
  | { kind: 'accepted'; state: Operator; events: readonly Event[] }
  | { kind: 'sameAs'; index: number }
  | Exclude<CommandOutcome<Answer>, Accepted>;

type Progress<Answer> = {
  transaction: OperatorTransaction;
  batch: CommandBatch<Answer>;
  keys: IdempotencyKeys<Answer>;
  state: Operator | undefined;
  events: AuthoredEvent[];
};

async function handleRequest<Answer>(
  progress: Progress<Answer>,
  request: CommandRequest<Answer>,
  rules: Ports['rules'],
): Promise<Step<Answer>> {
  const { transaction, batch, keys, state } = progress;
  const { command, actor, eventId, precondition } = request;
  const context = { ...rules, now: transaction.now.toISOString(), actor };
  if (!isVisible(batch, state, context.now)) return { kind: 'hidden' };
  const earlier = keys.find(request);
  if (earlier !== undefined) return earlier;
  precondition?.(state);
  const problem = batch.caller && authorizationProblem(command, batch.caller.principal, state, context);
  if (problem) return { kind: 'refused', ...problem };
  const decision = decide(command, state, context);
  if (decision.kind === 'refused') return decision;
  const { events } = decision;
  const next = events.reduce<Operator | undefined>(evolve, state);
  if (next === undefined) return { kind: 'refused', reason: 'NOT_FOUND' };
  if (eventId !== undefined && !(await transaction.firstSeen(eventId))) return { kind: 'seen' };
  progress.state = next;
  progress.events.push(...events.map((event) => ({ event, actor })));
  return { kind: 'accepted', state: next, events };
}

/** The authority is told that an operator is missing; to others a missing operator looks like another firm's. */
function isVisible(
  { caller, operatorId }: Pick<CommandBatch<never>, 'caller' | 'operatorId'>,
  state: Operator | undefined,
  now: Instant,
): boolean {
  if (caller === null) return true;
  if (state === undefined) return isOfAuthority(caller.principal);
  return mayAccess(caller.principal, operatorId, state, now);
}

/** The registry's own commands are saved without an event too: they change when the next deadline is. */
async function save<Answer>(
  { transaction, batch: { caller }, state, events }: Progress<Answer>,
  steps: readonly Step<Answer>[],
): Promise<bigint> {
  const isOwn = caller === null && steps.some(({ kind }) => kind === 'accepted');
  if (state === undefined || (events.length === 0 && !isOwn)) return transaction.operator.version;
  return transaction.save(state, events, caller?.name ?? null);
}

function outcomesOf<Answer>(
  steps: readonly Step<Answer>[],
  reached: Pick<Accepted, 'version' | 'now'>,
): CommandOutcome<Answer>[] {
  const outcomes: CommandOutcome<Answer>[] = [];
  for (const step of steps) {
    if (step.kind === 'accepted') outcomes.push({ ...step, ...reached });
    else outcomes.push(step.kind === 'sameAs' ? outcomes[step.index]! : step);
  }
  return outcomes;
}
