/** The age of the oldest record that a member of a group knows to wait, over the partitions assigned to it. */
export type Lag = {
  /** The partitions assigned to this member; their new owners report the lag of the others. */
  assigned(slots: readonly string[]): void;
  /** A record of this time waits in the partition, or is being handled. */
  waits(slot: string, timestampMs: number): void;
  /** Nothing waits in the partition. */
  done(slot: string): void;
  /** Grows with the clock for as long as nothing is handled; 0 when nothing waits. */
  seconds(nowMs: number): number;
};

export function createLag(): Lag {
  const own = new Set<string>();
  const waiting = new Map<string, number>();
  return {
    assigned: (slots) => {
      own.clear();
      for (const slot of slots) own.add(slot);
      for (const slot of waiting.keys()) if (!own.has(slot)) waiting.delete(slot);
    },
    waits: (slot, timestampMs) => void (own.has(slot) && waiting.set(slot, timestampMs)),
    done: (slot) => void waiting.delete(slot),
    seconds: (nowMs) => Math.max(0, ...[...waiting.values()].map((sinceMs) => (nowMs - sinceMs) / 1000)),
  };
}

export const slotOf = (topic: string, partition: number): string => `${topic}/${partition}`;

/** The slots of an assignment in the form of kafkajs: partitions by topic. */
export function slotsOf(assignment: Record<string, number[]>): string[] {
  return Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => slotOf(topic, partition)),
  );
}
