import type { Position } from '@aeo/platform/kafka';
import { topics } from '@aeo/proto';
import { z } from 'zod';
import type { StatusSource } from '../../domain/status-view/freshness.ts';

/** Raised whenever a snapshot of before could be read wrongly. */
const snapshotFormat = 1;

/** What a snapshot is of, and how far the topics had been read when it was taken. */
export type SnapshotHead = {
  administration: string;
  /** Whose identifiers are domestic. */
  country: string;
  takenAtMs: number;
  positions: Position[];
  /** The newest heartbeat of each partition, milliseconds since the epoch. */
  heartbeats: Record<StatusSource, (number | null)[]>;
};

/** The topics whose records a snapshot stands for; the others are short and are read whole at each start. */
export const snapshotTopics: ReadonlySet<string> = new Set([
  topics.operatorStatus.name,
  topics.partnerStatus.name,
]);

const schema = z.object({
  administration: z.string(),
  country: z.string(),
  takenAtMs: z.number(),
  positions: z.array(
    z.object({
      topic: z.string(),
      partition: z.number(),
      offset: z.string().transform((text) => BigInt(text)),
      clusterId: z.string(),
      timestampMs: z.number().nullable(),
    }),
  ),
  heartbeats: z.object({
    registry: z.array(z.number().nullable()),
    exchange: z.array(z.number().nullable()),
  }),
});

export function headText(head: SnapshotHead): string {
  const positions = head.positions.map((each) => ({ ...each, offset: String(each.offset) }));
  return JSON.stringify({ format: snapshotFormat, ...head, positions });
}

/** @throws Error that states why it cannot be used */
export function readHead(text: string): SnapshotHead {
  const held = JSON.parse(text) as { format?: unknown };
  if (held.format !== snapshotFormat) throw new Error(`its format is ${String(held.format)}`);
  return schema.parse(held);
}
