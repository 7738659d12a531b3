import type { ClockReading } from '@aeo/platform/clock';
import { clearanceDecision, type riskService } from '@aeo/proto';
import { measureDecision } from './decision-metrics.ts';
import { decide, sourceOf } from '../../domain/decision/decide.ts';
import { consignmentKey, dayKey, drawRandom } from '../../domain/decision/draw.ts';
import type { Decision } from '../../domain/decision/settle.ts';
import type { StatusSource } from '../../domain/status-view/freshness.ts';
import { freshnessOf, staleSources, type NodeState } from '../status-view/node-state.ts';
import type { Recorded } from '../../domain/decision/recorded.ts';
import type { Candidate, Clock, Known, Request } from '../../ports.ts';

export type DecidingPorts = {
  clock: Clock;
  nodeState: NodeState;
  settings: { drawMasterKey: Buffer; floorPpm: number; statusAgeMaxMs: number };
};

/** What a decision is made on, beside the declaration and what this node knows. */
export type DecisionBasis = {
  known: Known | undefined;
  score: riskService.Score | undefined;
  /** Sources whose status must not count, however fresh it looks to this node. */
  refusedSources: readonly StatusSource[];
};

/** A decision to be recorded, under what must then be true of it. */
export function candidateOf(
  ports: DecidingPorts,
  request: Request,
  basis: DecisionBasis,
  again: boolean,
): Candidate {
  const decision = decideOn(ports, request, basis, true);
  const consignment = basis.known?.consignment ?? consignmentKey(request.declaration);
  return { request, decision, consignment, again, benefitAsOf: benefitAsOf(decision) };
}

/** Before the database and the scorer have answered. */
export const nothingKnown: DecisionBasis = { known: undefined, score: undefined, refusedSources: [] };

/** A provisional decision: without benefits, and not on record. */
export function decidedWithoutRecord(ports: DecidingPorts, request: Request, basis: DecisionBasis): Recorded {
  const decision = decideOn(ports, request, basis, false);
  measureDecision(decision, 'unrecorded', decision.evaluatedAt!);
  return { bytes: clearanceDecision.Decision.encode(decision).finish(), decision, decidedAt: undefined };
}

/** Decides on what this node knows now; without the ledger no status counts. */
function decideOn(
  { nodeState, clock, settings }: DecidingPorts,
  { declaration, contentHash, stage, probe, acceptedAt }: Request,
  { known, score, refusedSources }: DecisionBasis,
  ledgerAvailable: boolean,
): Decision {
  const reading = clock.read();
  const evaluatedAt = timeOf(reading, known);
  const { direction, transportMode, office } = declaration;
  return decide({
    declaration,
    contentHash,
    stage,
    probe,
    revision: (known?.revisionMax ?? 0) + 1,
    draw: known?.draw ?? newDraw(settings, consignmentKey(declaration), acceptedAt ?? evaluatedAt),
    matches: declaration.parties.flatMap(({ role, identifier, activationDeclared }) =>
      nodeState.view.match(
        { role, identifier, activationDeclared },
        { direction, transportMode },
        evaluatedAt,
      ),
    ),
    staleSources: new Set([...refusedSources, ...staleSources(nodeState, reading, settings.statusAgeMaxMs)]),
    mandatoryHits: nodeState.rules.hits(declaration, evaluatedAt),
    mandatorySetVersion: nodeState.rules.setVersion(),
    score,
    thresholds: (purpose) => nodeState.thresholds.find(purpose, office),
    ledgerAvailable,
    evaluatedAt,
    freshness: freshnessOf(nodeState),
  });
}

/** The machine's own clock dates only what neither the database's clock nor its estimate can date. */
export function timeOf(reading: ClockReading | undefined, known?: Known): Date {
  return new Date(Math.round(reading?.nowMs ?? known?.at?.getTime() ?? Date.now()));
}

function newDraw({ drawMasterKey, floorPpm }: DecidingPorts['settings'], consignment: string, at: Date) {
  const day = at.toISOString().slice(0, 10);
  return drawRandom(dayKey(drawMasterKey, day), day, consignment, floorPpm);
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
