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
export type Knowledge = {
  view: StatusView;
  freshness: Freshness;
  thresholds: ThresholdBook;
  rules: MandatoryRules;
  /** Drops everything. */
  forget: () => void;
};

export type KnowledgeSettings = {
  country: string;
  partitions: Record<StatusSource, number>;
  compile: CompileRule;
};

export function createKnowledge(settings: KnowledgeSettings): Knowledge {
  const knowledge: Knowledge = {
    ...emptyKnowledge(settings),
    forget: () => void Object.assign(knowledge, emptyKnowledge(settings)),
  };
  return knowledge;
}

function emptyKnowledge({ country, partitions, compile }: KnowledgeSettings): Omit<Knowledge, 'forget'> {
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
  { freshness }: Knowledge,
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
export function freshnessOf({ freshness }: Knowledge): { source: string; asOf: Date | undefined }[] {
  return sources.map((source) => {
    const asOfMs = freshness.asOf(source);
    return { source, asOf: asOfMs === undefined ? undefined : new Date(asOfMs) };
  });
}

/** Matched, with a credit for the role it was declared in. */
export function isEntitled(match: PartyMatch): boolean {
  return match.outcome === common.MatchOutcome.MATCHED && match.credits.length > 0;
}
