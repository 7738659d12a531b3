import { AppError, toAppError } from '@aeo/platform/errors';
import type { riskService } from '@aeo/proto';
import { candidateOf, decidedWithoutRecord, timeOf, type DecidingPorts, type Grounds } from './candidate.ts';
import { measureDecision } from './decision-metrics.ts';
import type { Recorded } from '../../domain/decision/recorded.ts';
import { isOpen, hasSameOutcome } from '../../domain/decision/same-outcome.ts';
import { keyReused } from './key-reused.ts';
import { oneByOne } from './one-by-one.ts';
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
  /** Told when declarations of a batch could not be recorded, and why. */
  onUnrecorded: (code: string, reason: string, count: number) => void;
  /** Told when such declarations could not even be kept for later. */
  onNotKept: (reason: string) => void;
  settings: DecidingPorts['settings'] & { scoreTimeoutMs: number };
};

/** One request on its way to its result. */
type Case = Grounds & {
  request: Request;
  result: Result | undefined;
  failure: AppError | undefined;
};

type Deciding = { each: Case; candidate: Candidate };

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
    // A score is asked for once and awaited beside the first look-up.
    (await scores).forEach((score, index) => (cases[index]!.score = score));
    await decideAndRecord(ports, cases.filter(isPending), mode);
  }
  const failed = cases.filter(({ result }) => result === undefined);
  if (failed.length > 0) await answerWithoutRecord(ports, failed, mode);
  return cases.map(({ result }) => result!);
}

function caseOf(request: Request): Case {
  return { request, known: undefined, score: undefined, refused: [], result: undefined, failure: undefined };
}

function isPending({ result, failure }: Case): boolean {
  return result === undefined && failure === undefined;
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
  const found = await oneByOne(requests, (some) => store.lookUp(some));
  found.forEach((known, index) => {
    const each = cases[index]!;
    if (known instanceof AppError) each.failure = known;
    else each.known = known;
  });
}

async function decideAndRecord(ports: AssessorPorts, cases: readonly Case[], mode: Mode): Promise<void> {
  const candidates: Deciding[] = [];
  for (const each of cases) {
    each.result = answered(each, mode);
    if (each.result !== undefined) continue;
    try {
      const candidate = candidateOf(ports, each.request, each, mode === 'again');
      each.result = nothingNew(candidate, each.known);
      if (each.result === undefined) candidates.push({ each, candidate });
    } catch (error) {
      each.failure = toAppError(error);
    }
  }
  if (candidates.length === 0) return;
  const outcomes = await oneByOne(
    candidates.map(({ candidate }) => candidate),
    (some) => ports.store.record(some),
  );
  outcomes.forEach((outcome, index) => take(candidates[index]!, outcome));
}

/** Lost races, and deadlocks and waits that ended in one, are looked at again. */
function take({ each, candidate }: Deciding, outcome: Outcome | AppError): void {
  if (outcome instanceof AppError) {
    if (outcome.code !== 'conflict') each.failure = outcome;
    return;
  }
  if (outcome.kind === 'recorded') {
    const { decidedAt } = (each.result = outcome.recorded);
    measureDecision(candidate.decision, 'recorded', decidedAt ?? candidate.decision.evaluatedAt!);
  }
  if (outcome.kind === 'stale') each.refused = ['registry', 'exchange'];
}

/**
 * A retry gets what stands; the same declaration version with other content, or once as a probe and once for goods, is
 * refused, whatever the stages. A decision is made again only
 * while it is open. That it still is when the new revision is recorded follows from the key: a revision is written
 * after the one that was looked at, or not at all.
 */
function answered({ request, known }: Case, mode: Mode): Result | undefined {
  if (known?.contentHash !== undefined && !known.contentHash.equals(request.contentHash))
    return keyReused('declaration');
  if (known?.probe !== undefined && known.probe !== request.probe) return keyReused('probe');
  if (known?.standing === undefined) return undefined;
  if (mode !== 'again' || known.passed || known.controlled) return known.standing;
  return isOpen(known.standing.decision) ? undefined : known.standing;
}

/** Whatever the cause, and whichever node was first: a revision that says the same as the last one is not added. */
function nothingNew({ decision, again }: Candidate, known: Known | undefined): Recorded | undefined {
  if (!again || known?.standing === undefined) return undefined;
  return hasSameOutcome(decision, known.standing.decision) ? known.standing : undefined;
}

/** A declaration is not blocked by our faults: what cannot be recorded is decided without benefits, and kept. */
async function answerWithoutRecord(ports: AssessorPorts, cases: readonly Case[], mode: Mode): Promise<void> {
  const failureOf = ({ failure }: Case) =>
    failure ?? new AppError('unavailable', 'UNAVAILABLE', 'too many lost races');
  if (mode !== 'once') {
    for (const each of cases) each.result = failureOf(each);
    return;
  }
  for (const [code, failures] of Map.groupBy(cases.map(failureOf), (failure) => failure.code))
    ports.onUnrecorded(code, failures[0]!.reason, failures.length);
  await keepForLater(
    ports,
    cases.map(({ request }) => request),
  );
  for (const each of cases) each.result = unrecorded(ports, each);
}

/** Keeps declarations that are answered without a record, so that they have one once that can be. */
export async function keepForLater(
  { spool, clock, onNotKept }: Pick<AssessorPorts, 'spool' | 'clock' | 'onNotKept'>,
  requests: readonly Request[],
): Promise<void> {
  try {
    await spool.keep(requests, timeOf(clock.read()));
  } catch (error) {
    onNotKept(toAppError(error).reason);
  }
}

function unrecorded(ports: AssessorPorts, { request, ...grounds }: Case): Result {
  try {
    return decidedWithoutRecord(ports, request, grounds);
  } catch (error) {
    return toAppError(error);
  }
}
