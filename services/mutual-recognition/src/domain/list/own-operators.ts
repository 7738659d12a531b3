import type { RowStatus } from './list.ts';

export type Version = { epoch: bigint; number: bigint };

/** An identifier with the time for which it is claimed; null is open. Instants are ISO 8601 in UTC. */
export type OwnIdentifier = {
  scheme: string;
  country: string;
  value: string;
  validFrom: string | null;
  validUntil: string | null;
};

/** A component of a certificate, and the purposes it is good for. */
export type OwnComponent = {
  component: string;
  tier: string;
  status: RowStatus;
  purposes: string[];
  validFrom: string | null;
  validUntil: string | null;
  decidedAt: string | null;
  effectiveFrom: string | null;
  /** Ids of the arrangements under which it may be told; `all` where its holder need not, or did, consent for all. */
  sharedWith: 'all' | readonly string[];
};

/** One of our operators as last published. */
export type OwnOperator = {
  operatorId: string;
  version: Version;
  identifiers: OwnIdentifier[];
  components: OwnComponent[];
};

/** Our operators as far as the status topic has told, and how complete that is. */
export type OwnOperators = {
  /** An older version never replaces a newer one; the same one, said again, says at least as much. */
  update: (operator: OwnOperator) => void;
  /** The operator's record cannot be read: nothing is told of it until a newer version is read. */
  block: (operatorId: string) => void;
  heartbeat: (partition: number, asOfMs: number) => void;
  /** A record of that partition cannot even be assigned: from here on nothing is known to be complete. */
  freeze: (partition: number) => void;
  /** Everything committed before this time is known here; undefined until every partition had a heartbeat. */
  asOfMs: () => number | undefined;
  readable: () => OwnOperator[];
};

export function createOwnOperators(partitions: number): OwnOperators {
  const held = new Map<string, OwnOperator>();
  const blocked = new Set<string>();
  const frozen = new Set<number>();
  const beats = new Array<number | undefined>(partitions).fill(undefined);
  return {
    update: (operator) => {
      const { operatorId, version } = operator;
      const before = held.get(operatorId)?.version;
      if (before !== undefined && isNewer(before, version)) return;
      held.set(operatorId, operator);
      if (before === undefined || isNewer(version, before)) blocked.delete(operatorId);
    },
    block: (operatorId) => void blocked.add(operatorId),
    heartbeat: (partition, asOfMs) => {
      if (!frozen.has(partition)) beats[partition] = Math.max(beats[partition] ?? 0, asOfMs);
    },
    freeze: (partition) => void frozen.add(partition),
    asOfMs: () => (beats.includes(undefined) ? undefined : Math.min(...beats.map((beat) => beat ?? 0))),
    readable: () => [...held.values()].filter(({ operatorId }) => !blocked.has(operatorId)),
  };
}

function isNewer(one: Version, other: Version): boolean {
  return one.epoch === other.epoch ? one.number > other.number : one.epoch > other.epoch;
}
