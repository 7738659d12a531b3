import type { RowStatus } from './list.ts';

type Version = { epoch: bigint; number: bigint };

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
  /** Ids of the arrangements under which it may be shared; `all` where its holder need not, or did, consent for all. */
  sharedWith: 'all' | readonly string[];
};

/** One of our operators as last published. */
export type OwnOperator = {
  operatorId: string;
  version: Version;
  identifiers: OwnIdentifier[];
  components: OwnComponent[];
};

/** Our operators as read from the status topic, and how complete that is. */
export type OwnOperators = {
  /** An older version never replaces a newer one; the same version, published again, has at least as much. */
  update: (operator: OwnOperator) => void;
  /** The operator's record cannot be read: the operator is left out until a newer version is read. */
  block: (operatorId: string) => void;
  heartbeat: (partition: number, asOfMs: number) => void;
  /** A record of that partition cannot be assigned to an operator: the partition counts as complete no further. */
  freeze: (partition: number) => void;
  /** Everything committed before this time is known here; undefined until every partition had a heartbeat. */
  completeUntilMs: () => number | undefined;
  readable: () => OwnOperator[];
};

export function createOwnOperators(partitions: number): OwnOperators {
  const known = new Map<string, OwnOperator>();
  const blocked = new Set<string>();
  const frozen = new Set<number>();
  const heartbeats = new Array<number | undefined>(partitions).fill(undefined);
  return {
    update: (operator) => {
      const { operatorId, version } = operator;
      const before = known.get(operatorId)?.version;
      if (before !== undefined && isNewer(before, version)) return;
      known.set(operatorId, operator);
      if (before === undefined || isNewer(version, before)) blocked.delete(operatorId);
    },
    block: (operatorId) => void blocked.add(operatorId),
    heartbeat: (partition, asOfMs) => {
      if (!frozen.has(partition)) heartbeats[partition] = Math.max(heartbeats[partition] ?? 0, asOfMs);
    },
    freeze: (partition) => void frozen.add(partition),
    completeUntilMs: () =>
      heartbeats.includes(undefined) ? undefined : Math.min(...heartbeats.map((asOfMs) => asOfMs ?? 0)),
    readable: () => [...known.values()].filter(({ operatorId }) => !blocked.has(operatorId)),
  };
}

function isNewer(one: Version, other: Version): boolean {
  return one.epoch === other.epoch ? one.number > other.number : one.epoch > other.epoch;
}
