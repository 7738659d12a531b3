import { AppError, toAppError } from '@aeo/platform/errors';
import type { riskService } from '@aeo/proto';
import {
  candidateOf,
  decidedWithoutRecord,
  timeOf,
  type DecidingPorts,
  type DecisionBasis,
} from './decision-candidate.ts';
import { measureDecision } from './decision-metrics.ts';
import type { Recorded } from '../../domain/decision/recorded.ts';
import { isOpen, hasSameOutcome } from '../../domain/decision/same-outcome.ts';
import { keyReused } from './key-reused.ts';
import { runBatch } from './run-batch.ts';
import type {
  Candidate,
  DecisionStore,
  Known,
  Mode,
  Outcome,
  Request,
  Result,
  Scorer,
  Spool,
} from '../../ports.ts';

export type AssessorPorts = DecidingPorts & {
  store: DecisionStore;
  scorer: Scorer;
  spool: Spool;
  /** Called when declarations of a batch could not be recorded. */
  onUnrecorded: (code: string, reason: string, count: number) => void;
  /** Called when such declarations could not be spooled either. */
  onNotSpooled: (reason: string) => void;
  settings: DecidingPorts['settings'] & { scoreTimeoutMs: number };
};

/** One request on its way to its result. */
type Case = {
  readonly request: Request;
  readonly basis: DecisionBasis;
  state: CaseState;
};

/** A pending case is looked up and decided in the next attempt. */
type CaseState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed'; readonly failure: AppError }
  | { readonly kind: 'done'; readonly result: Result };

type CandidateCase = { each: Case; candidate: Candidate };

const pending: CaseState = { kind: 'pending' };
const failed = (failure: AppError): CaseState => ({ kind: 'failed', failure });
const done = (result: Result): CaseState => ({ kind: 'done', result });

const attemptsMax = 6;

/**
 * Decides a batch of distinct declaration versions. What was decided before is answered from the record; the rest is
 * scored, decided and recorded in one commit. Losers of a race look again and find the winner's record. A declaration
 * that cannot be recorded for a reason of its own does not keep the others of its batch from being recorded.
 */
export async function assess(
  ports: AssessorPorts,
  requests: readonly Request[],
  mode: Mode,
): Promise<Result[]> {
  const cases = requests.map(caseOf);
  const scores = scoresOf(ports, requests);
  for (let attempt = 1; attempt <= attemptsMax && cases.some(isPending); attempt += 1) {
    await lookUp(ports, cases.filter(isPending));
    // A score is requested once and awaited beside the first look-up.
    (await scores).forEach((score, index) => (cases[index]!.basis.score = score));
    await decideAndRecord(ports, cases.filter(isPending), mode);
  }
  await answerWithoutRecord(
    ports,
    cases.filter(({ state }) => state.kind !== 'done'),
    mode,
  );
  return cases.map(resultOf);
}

function caseOf(request: Request): Case {
  return { request, basis: { known: undefined, score: undefined, refusedSources: [] }, state: pending };
}

function isPending({ state }: Case): boolean {
  return state.kind === 'pending';
}

function failureOf({ state }: Case): AppError {
  return state.kind === 'failed'
    ? state.failure
    : new AppError('unavailable', 'UNAVAILABLE', 'too many lost races');
}

function resultOf(each: Case): Result {
  return each.state.kind === 'done' ? each.state.result : failureOf(each);
}

async function scoresOf(
  { scorer, settings }: AssessorPorts,
  requests: readonly Request[],
): Promise<(riskService.Score | undefined)[]> {
  try {
    return await scorer.score(requests, settings.scoreTimeoutMs);
  } catch {
    return requests.map(() => undefined);
  }
}

async function lookUp({ store }: AssessorPorts, cases: readonly Case[]): Promise<void> {
  const requests = cases.map(({ request }) => request);
  const found = await runBatch(requests, (some) => store.lookUp(some));
  found.forEach((known, index) => {
    const each = cases[index]!;
    if (known instanceof AppError) each.state = failed(known);
    else each.basis.known = known;
  });
}

async function decideAndRecord(ports: AssessorPorts, cases: readonly Case[], mode: Mode): Promise<void> {
  const candidates: CandidateCase[] = [];
  for (const each of cases) {
    const decided = decideOrAnswer(ports, each, mode);
    if ('kind' in decided) each.state = decided;
    else candidates.push({ each, candidate: decided });
  }
  if (candidates.length === 0) return;
  const outcomes = await runBatch(
    candidates.map(({ candidate }) => candidate),
    (some) => ports.store.record(some),
  );
  outcomes.forEach((outcome, index) => {
    const { each, candidate } = candidates[index]!;
    if (!(outcome instanceof AppError) && outcome.kind === 'stale')
      each.basis.refusedSources = ['registry', 'exchange'];
    each.state = stateAfter(candidate, outcome);
  });
}

/** The state that what is known leads to; where that is not enough, a candidate to be recorded. */
function decideOrAnswer(ports: AssessorPorts, { request, basis }: Case, mode: Mode): CaseState | Candidate {
  const answer = answered(request, basis.known, mode);
  if (answer !== undefined) return done(answer);
  try {
    const candidate = candidateOf(ports, request, basis, mode === 'again');
    const same = nothingNew(candidate, basis.known);
    return same === undefined ? candidate : done(same);
  } catch (error) {
    return failed(toAppError(error));
  }
}

/** Lost races, and deadlocks and waits that ended in one, are looked up again. */
function stateAfter({ decision }: Candidate, outcome: Outcome | AppError): CaseState {
  if (outcome instanceof AppError) return outcome.code === 'conflict' ? pending : failed(outcome);
  if (outcome.kind !== 'recorded') return pending;
  measureDecision(decision, 'recorded', outcome.recorded.decidedAt ?? decision.evaluatedAt!);
  return done(outcome.recorded);
}

/**
 * A retry gets what stands; the same declaration version with other content, or once as a probe and once for goods, is
 * refused, whatever the stages. A decision is re-evaluated only while it is open. That it still is when the new
 * revision is recorded follows from the key: a revision is written after the one that was looked up, or not at all.
 */
function answered(request: Request, known: Known | undefined, mode: Mode): Result | undefined {
  if (known?.contentHash !== undefined && !known.contentHash.equals(request.contentHash))
    return keyReused('declaration');
  if (known?.probe !== undefined && known.probe !== request.probe) return keyReused('probe');
  if (known?.standing === undefined) return undefined;
  if (mode !== 'again' || known.passed || known.controlled) return known.standing;
  return isOpen(known.standing.decision) ? undefined : known.standing;
}

/** A revision with the same outcome as the last one is not added, whatever the cause and whichever node was first. */
function nothingNew({ decision, again }: Candidate, known: Known | undefined): Recorded | undefined {
  if (!again || known?.standing === undefined) return undefined;
  return hasSameOutcome(decision, known.standing.decision) ? known.standing : undefined;
}

/** Our faults do not block a declaration: what cannot be recorded is decided without benefits, and spooled. */
async function answerWithoutRecord(ports: AssessorPorts, cases: readonly Case[], mode: Mode): Promise<void> {
  if (mode !== 'once' || cases.length === 0) return;
  for (const [code, failures] of Map.groupBy(cases.map(failureOf), (failure) => failure.code))
    ports.onUnrecorded(code, failures[0]!.reason, failures.length);
  await spoolRequests(
    ports,
    cases.map(({ request }) => request),
  );
  for (const each of cases) each.state = done(unrecorded(ports, each));
}

/** Spools declarations that are answered without a record, so that they are recorded once that is possible. */
export async function spoolRequests(
  { spool, clock, onNotSpooled }: Pick<AssessorPorts, 'spool' | 'clock' | 'onNotSpooled'>,
  requests: readonly Request[],
): Promise<void> {
  try {
    await spool.keep(requests, timeOf(clock.read()));
  } catch (error) {
    onNotSpooled(toAppError(error).reason);
  }
}

function unrecorded(ports: AssessorPorts, { request, basis }: Case): Result {
  try {
    return decidedWithoutRecord(ports, request, basis);
  } catch (error) {
    return toAppError(error);
  }
}
