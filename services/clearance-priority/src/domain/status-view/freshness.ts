/** The sources of status, each published on a topic of its own. */
export type StatusSource = 'registry' | 'exchange';

/** What the database clock is believed to be, with the error of the belief in milliseconds. */
export type ClockEstimate = { nowMs: number; errorMs: number };

/** How fresh each source is known to be: all that was committed before its as_of has been seen here. */
export type Freshness = {
  heartbeat(source: StatusSource, partition: number, asOfMs: number): void;
  /** A record with an unreadable key may be about any operator, so nothing newer may be claimed for its partition. */
  freeze(source: StatusSource, partition: number): void;
  /** The newest heartbeat of each partition, undefined where none was received. */
  partitions(source: StatusSource): readonly (number | undefined)[];
  /** Milliseconds since the epoch; undefined until every partition had a heartbeat. */
  asOf(source: StatusSource): number | undefined;
  /** The newest heartbeat of any partition, milliseconds since the epoch; undefined before the first. */
  newest(source: StatusSource): number | undefined;
  /** The newest heartbeat of each partition, in order. */
  heartbeats(source: StatusSource): readonly (number | undefined)[];
  /** Whether any partition was frozen. */
  isFrozen(): boolean;
};

/** A claim may arrive on any partition, so a source is as fresh as its oldest partition. */
export function createFreshness(partitions: Record<StatusSource, number>): Freshness {
  const seen: Record<StatusSource, (number | undefined)[]> = {
    registry: new Array<number | undefined>(partitions.registry).fill(undefined),
    exchange: new Array<number | undefined>(partitions.exchange).fill(undefined),
  };
  const frozen = new Set<string>();
  return {
    heartbeat(source, partition, asOfMs) {
      if (frozen.has(`${source}/${partition}`)) return;
      const held = seen[source][partition];
      if (held === undefined || asOfMs > held) seen[source][partition] = asOfMs;
    },
    freeze: (source, partition) => void frozen.add(`${source}/${partition}`),
    partitions: (source) => seen[source],
    asOf(source) {
      let oldest: number | undefined;
      for (const asOfMs of seen[source]) {
        if (asOfMs === undefined) return undefined;
        if (oldest === undefined || asOfMs < oldest) oldest = asOfMs;
      }
      return oldest;
    },
    newest(source) {
      const known = seen[source].filter((asOfMs) => asOfMs !== undefined);
      return known.length === 0 ? undefined : Math.max(...known);
    },
    heartbeats: (source) => [...seen[source]],
    isFrozen: () => frozen.size > 0,
  };
}

/** Clocks of two databases may differ by this much; a time further ahead was written by a clock that is wrong. */
const aheadMaxMs = 500;

/** True for a time no clock that is right can have given yet: what it was given for is not known to be fresh. */
export function isAhead(asOfMs: number | undefined, clock: ClockEstimate | undefined): boolean {
  if (asOfMs === undefined || clock === undefined) return false;
  return asOfMs > clock.nowMs + clock.errorMs + aheadMaxMs;
}

/** Fresh by the database clock, the error of its estimate counted against the claim; a time to come is not fresh. */
export function isFresh(
  asOfMs: number | undefined,
  clock: ClockEstimate | undefined,
  maxAgeMs: number,
): boolean {
  if (asOfMs === undefined || clock === undefined) return false;
  if (isAhead(asOfMs, clock)) return false;
  return clock.nowMs + clock.errorMs - asOfMs <= maxAgeMs;
}
