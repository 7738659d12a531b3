import type { ListRow } from './list.ts';

export type Version = { epoch: bigint; number: bigint };

/** One of our operators as last published; `row` is undefined without a certificate a partner should hear of. */
export type OwnOperator = { operatorId: string; version: Version; row: ListRow | undefined };

/** Our operators as far as the status topic has told, and how complete that is. */
export type OwnOperators = {
  /** An older version never replaces a newer one. */
  apply: (operator: OwnOperator) => void;
  heartbeat: (partition: number, asOfMs: number) => void;
  /** Everything committed before this time is known here; undefined until every partition had a heartbeat. */
  asOfMs: () => number | undefined;
  rows: () => ListRow[];
};

export function createOwnOperators(partitions: number): OwnOperators {
  const held = new Map<string, OwnOperator>();
  const beats = new Array<number | undefined>(partitions).fill(undefined);
  return {
    apply: (operator) => {
      const before = held.get(operator.operatorId)?.version;
      if (before === undefined || isNewer(operator.version, before)) held.set(operator.operatorId, operator);
    },
    heartbeat: (partition, asOfMs) => {
      beats[partition] = Math.max(beats[partition] ?? 0, asOfMs);
    },
    asOfMs: () => (beats.includes(undefined) ? undefined : Math.min(...beats.map((beat) => beat ?? 0))),
    rows: () => [...held.values()].flatMap(({ row }) => row ?? []),
  };
}

function isNewer(one: Version, other: Version): boolean {
  return one.epoch === other.epoch ? one.number > other.number : one.epoch > other.epoch;
}
