import { common } from '@aeo/proto';
import type { PartyMatch } from '../../domain/status-view/match.ts';
import {
  createFreshness,
  isAhead,
  isFresh,
  type ClockEstimate,
  type Freshness,
  type StatusSource,
} from '../../domain/status-view/freshness.ts';
import {
  createMandatoryRules,
  type CompileRule,
  type MandatoryRules,
} from '../../domain/decision/mandatory-rules.ts';
import { createStatusView, type StatusView } from '../../domain/status-view/status-view.ts';
import { createThresholdBook, type ThresholdBook } from '../../domain/decision/thresholds.ts';

/** Everything a node holds in memory, built from the compacted topics alone. */
export type NodeState = {
  view: StatusView;
  freshness: Freshness;
  thresholds: ThresholdBook;
  rules: MandatoryRules;
  /** Drops everything. */
  forget: () => void;
};

export type NodeStateSettings = {
  country: string;
  partitions: Record<StatusSource, number>;
  compile: CompileRule;
};

export function createNodeState(settings: NodeStateSettings): NodeState {
  const nodeState: NodeState = {
    ...emptyNodeState(settings),
    forget: () => void Object.assign(nodeState, emptyNodeState(settings)),
  };
  return nodeState;
}

function emptyNodeState({ country, partitions, compile }: NodeStateSettings): Omit<NodeState, 'forget'> {
  return {
    view: createStatusView(country, partitions.exchange),
    freshness: createFreshness(partitions),
    thresholds: createThresholdBook(),
    rules: createMandatoryRules(compile),
  };
}

const sources: readonly StatusSource[] = ['registry', 'exchange'];

/** Sources whose status must not give a benefit now. */
export function staleSources(
  { freshness }: NodeState,
  clock: ClockEstimate | undefined,
  maxAgeMs: number,
): Set<StatusSource> {
  return new Set(
    sources.filter(
      // One partition's impossible time is enough: that partition may have been silent for long.
      (source) =>
        !isFresh(freshness.asOf(source), clock, maxAgeMs) || isAhead(freshness.newest(source), clock),
    ),
  );
}

/** How fresh each source is, as records and answers show it. */
export function freshnessOf({ freshness }: NodeState): { source: string; asOf: Date | undefined }[] {
  return sources.map((source) => {
    const asOfMs = freshness.asOf(source);
    return { source, asOf: asOfMs === undefined ? undefined : new Date(asOfMs) };
  });
}

/** Matched, with a credit for the role it was declared in. */
export function isEntitled(match: PartyMatch): boolean {
  return match.outcome === common.MatchOutcome.MATCHED && match.credits.length > 0;
}
