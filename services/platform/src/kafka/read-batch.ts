import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { toAppError } from '../errors.ts';
import type { KafkaLog } from './client.ts';
import { handleRecord, type RecordHandling } from './handle-record.ts';
import { slotOf, type Lag } from './lag.ts';

const backoffMs = { first: 100, max: 5_000 };

export type BatchReading = RecordHandling & {
  /** Failures of each partition since its last record that was handled. */
  attempts: Map<string, number>;
  lag: Lag;
  log: KafkaLog;
};

/**
 * Handles the records of a batch in order and commits the offset after the last one handled. It ends early when a
 * record has to be retried later, when the member is stopping, or when the group has reassigned the partition.
 */
export async function readBatch(reading: BatchReading, payload: EachBatchPayload): Promise<void> {
  const { batch } = payload;
  let next: bigint | undefined;
  let failure: Error | undefined;
  for (const message of batch.messages) {
    const step = await takeStep(reading, payload, message);
    if (step === 'stale') break;
    if (step === 'done') next = BigInt(message.offset) + 1n;
    failure = await heartbeatFailure(payload);
    if (step === 'paused' || failure !== undefined) break;
  }
  if (next === undefined) return;
  if (next >= BigInt(batch.highWatermark)) reading.lag.done(slotOf(batch.topic, batch.partition));
  await commit(payload, next, failure);
}

/** `done`: handled; `paused`: to be retried after a pause of its partition; `stale`: left to the partition's next owner. */
type Step = 'done' | 'paused' | 'stale';

async function takeStep(
  reading: BatchReading,
  payload: EachBatchPayload,
  message: KafkaMessage,
): Promise<Step> {
  if (!payload.isRunning() || payload.isStale()) return 'stale';
  const { topic, partition } = payload.batch;
  const slot = slotOf(topic, partition);
  reading.lag.waits(slot, Number(message.timestamp));
  try {
    await handleRecord(reading, topic, partition, message);
  } catch (error) {
    pausePartition(reading, payload, slot, error);
    return 'paused';
  }
  reading.attempts.delete(slot);
  payload.resolveOffset(message.offset);
  return 'done';
}

function pausePartition(
  { attempts, log }: BatchReading,
  payload: EachBatchPayload,
  slot: string,
  error: unknown,
): void {
  const attempt = (attempts.get(slot) ?? 0) + 1;
  attempts.set(slot, attempt);
  const resume = payload.pause();
  setTimeout(resume, Math.min(backoffMs.max, backoffMs.first * 2 ** Math.min(10, attempt - 1)));
  log('warn', 'partition paused', { topic: payload.batch.topic, reason: toAppError(error).reason, attempt });
}

/** A heartbeat keeps the member in its group while it handles records; it fails once the group has rebalanced. */
async function heartbeatFailure(payload: EachBatchPayload): Promise<Error | undefined> {
  try {
    await payload.heartbeat();
    return undefined;
  } catch (error) {
    return asError(error);
  }
}

/**
 * Commits by the batch itself: kafkajs then sees a refusal as what it is and joins the group again. Its
 * `consumer.commitOffsets` would wrap the refusal into an error that ends the consumer, and does nothing once the
 * consumer is stopping.
 *
 * @param failure that of the last heartbeat: what was handled is committed all the same, where the group still takes it
 */
async function commit(payload: EachBatchPayload, next: bigint, failure: Error | undefined): Promise<void> {
  const { topic, partition } = payload.batch;
  const partitions = [{ partition, offset: String(next) }];
  let reason = failure;
  try {
    await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions }] });
  } catch (error) {
    reason ??= asError(error);
  }
  // A member that is leaving need not join again: the next owner receives the records once more.
  if (reason !== undefined && payload.isRunning()) throw reason;
}

/** The error itself, by whose kind kafkajs chooses how to recover. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
