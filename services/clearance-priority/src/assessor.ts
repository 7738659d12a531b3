import { AppError, toAppError } from '@aeo/platform/errors';
import { clearanceDecision, type riskService } from '@aeo/proto';
import { decide, sourceOf } from './domain/decision/decide.ts';
import { consignmentKey, dayKey, drawRandom } from './domain/decision/draw.ts';
import { isDegraded, type Decision } from './domain/decision/settle.ts';
import type { StatusSource } from './domain/freshness.ts';
import { freshnessOf, staleSources, type Knowledge } from './knowledge.ts';
import type { Candidate, Clock, DecisionStore, Known, Recorded, Request, Scorer, Spool } from './ports.ts';

export type AssessorPorts = {
  store: DecisionStore;
  scorer: Scorer;
  spool: Spool;
  clock: Clock;
  knowledge: Knowledge;
  /** Told when a batch could not be recorded, and why. */
  onUnrecorded: (code: string, reason: string) => void;
  settings: { drawMasterKey: Buffer; floorPpm: number; statusAgeMaxMs: number; scoreTimeoutMs: number };
};

/** `again` asks for a new revision although the stage has one. */
export type Mode = 'once' | 'again';

export type Result = Recorded | AppError;

const attemptsMax = 6;

/**
 * Decides a batch of distinct declaration versions. What was decided before is answered from the record; the rest is
 * scored, decided and recorded in one commit. Losers of a race look again and find the winner's record. Without the
 * database every declaration is still decided, without benefits, provisionally, and kept for later.
 */
export async function assess(
  ports: AssessorPorts,
  requests: readonly Request[],
  mode: Mode,
): Promise<Result[]> {
  const results = new Map<Request, Result>();
  let open = [...requests];
  try {
    const scores = ports.scorer.score(requests, ports.settings.scoreTimeoutMs);
    const scoreOf = new Map<Request, riskService.Score | undefined>();
    const refused = new Map<Request, Set<StatusSource>>();
    for (let attempt = 1; open.length > 0 && attempt <= attemptsMax; attempt += 1) {
      const known = await ports.store.lookUp(open);
      const candidates: Candidate[] = [];
      (await scores).forEach((score, index) => scoreOf.set(requests[index]!, score));
      open.forEach((request, index) => {
        const about = known[index]!;
        const answer = answered(request, about, mode, attempt);
        if (answer !== undefined) {
          results.set(request, answer);
          return;
        }
        const candidate = candidateOf(ports, request, about, scoreOf.get(request), refused.get(request));
        const kept = notBetter(candidate, about);
        if (kept === undefined) candidates.push(candidate);
        else results.set(request, kept);
      });
      const outcomes = candidates.length === 0 ? [] : await recordOrRetry(ports, candidates);
      outcomes.forEach((outcome, index) => {
        const { request } = candidates[index]!;
        if (outcome.kind === 'recorded') results.set(request, outcome.recorded);
        if (outcome.kind === 'stale') refused.set(request, new Set(['registry', 'exchange']));
      });
      open = open.filter((request) => !results.has(request));
    }
  } catch (error) {
    // A declaration is not blocked by our faults: what cannot be recorded is decided without benefits, and kept.
    const { code, reason } = toAppError(error);
    if (code !== 'unavailable' && code !== 'internal') throw error;
    ports.onUnrecorded(code, reason);
  }
  return Promise.all(
    requests.map(async (request) => results.get(request) ?? (await unrecorded(ports, request))),
  );
}

/** A retry gets what stands; the same declaration version with other content is refused. */
function answered(request: Request, known: Known, mode: Mode, attempt: number): Result | undefined {
  if (known.contentHash !== undefined && !known.contentHash.equals(request.contentHash)) {
    const fields = [{ path: 'declaration', code: 'KEY_REUSED' }];
    return new AppError('conflict', 'KEY_REUSED', 'this declaration version was decided with other content', {
      fields,
    });
  }
  // A loser of a race to decide again is content with the winner's revision.
  if (mode === 'again' && attempt === 1) return undefined;
  return known.standing;
}

/** While a degradation lasts, deciding again would only add revisions: what stands is kept until it has ended. */
function notBetter({ decision }: Candidate, { standing }: Known): Recorded | undefined {
  if (standing === undefined || !isDegraded(decision)) return undefined;
  return isDegraded(clearanceDecision.Decision.decode(standing.record)) ? standing : undefined;
}

/** A deadlock between two batches is one more lost race. */
async function recordOrRetry({ store }: AssessorPorts, candidates: Candidate[]) {
  try {
    return await store.record(candidates);
  } catch (error) {
    if (toAppError(error).code !== 'conflict') throw error;
    return candidates.map(() => ({ kind: 'lost' }) as const);
  }
}

function candidateOf(
  ports: AssessorPorts,
  request: Request,
  known: Pick<Known, 'revisionMax' | 'draw'>,
  score: riskService.Score | undefined,
  refused: ReadonlySet<StatusSource> = new Set(),
): Candidate {
  const stale = new Set([...refused]);
  const decision = decideOn(ports, request, known, score, { stale, ledgerAvailable: true });
  return {
    request,
    decision,
    consignment: consignmentKey(request.declaration),
    benefitAsOf: benefitAsOf(decision),
  };
}

type Circumstances = { stale: Set<StatusSource>; ledgerAvailable: boolean };

function decideOn(
  { knowledge, clock, settings }: AssessorPorts,
  { declaration, contentHash, stage, probe }: Request,
  known: Pick<Known, 'revisionMax' | 'draw'>,
  score: riskService.Score | undefined,
  { stale, ledgerAvailable }: Circumstances,
): Decision {
  const reading = clock.read();
  // Without a reading no status counts, so the machine's own clock then only dates the record.
  const evaluatedAt = new Date(Math.round(reading?.nowMs ?? Date.now()));
  const day = evaluatedAt.toISOString().slice(0, 10);
  const { direction, transportMode, office } = declaration;
  return decide({
    declaration,
    contentHash,
    stage,
    probe,
    revision: known.revisionMax + 1,
    draw:
      known.draw ??
      drawRandom(dayKey(settings.drawMasterKey, day), day, consignmentKey(declaration), settings.floorPpm),
    matches: declaration.parties.flatMap(({ role, identifier, activationDeclared }) =>
      knowledge.view.match(
        { role, identifier, activationDeclared },
        { direction, transportMode },
        evaluatedAt,
      ),
    ),
    staleSources: new Set([...stale, ...staleSources(knowledge, reading, settings.statusAgeMaxMs)]),
    mandatoryHits: knowledge.rules.hits(declaration, evaluatedAt),
    mandatorySetVersion: knowledge.rules.setVersion(),
    score,
    thresholds: (purpose) => knowledge.thresholds.find(purpose, office),
    ledgerAvailable,
    evaluatedAt,
    freshness: freshnessOf(knowledge),
  });
}

/** The oldest `as_of` among the sources that gave a credit. */
function benefitAsOf(decision: Decision): Date | undefined {
  const times = decision.assessments.flatMap(({ creditedMatch }) => {
    const match = decision.matches[creditedMatch];
    if (match === undefined) return [];
    const asOf = decision.freshness.find(({ source }) => source === sourceOf(match))?.asOf;
    return [asOf?.getTime() ?? 0];
  });
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

async function unrecorded(ports: AssessorPorts, request: Request): Promise<Recorded> {
  await ports.spool.keep(request);
  const circumstances = { stale: new Set<StatusSource>(), ledgerAvailable: false };
  const decision = decideOn(ports, request, { revisionMax: 0, draw: undefined }, undefined, circumstances);
  return { record: clearanceDecision.Decision.encode(decision).finish(), decidedAt: undefined };
}
