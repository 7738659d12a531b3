import type { Consumer, EachBatchPayload } from 'kafkajs';
import { toAppError } from '../errors.ts';
import type { Stoppable } from '../lifecycle.ts';
import { kafkaError, type KafkaClient, type ReaderHealth } from './client.ts';

export type ReaderSettings = {
  name: string;
  groupId: string;
  /** With the administration's prefix. */
  topics: readonly string[];
  sessionTimeoutMs?: number;
  eachBatch(payload: EachBatchPayload): Promise<void>;
  /** Called whenever the group has assigned its partitions, before anything is fetched from them. */
  onJoin(assignment: Record<string, number[]>, consumer: Pick<Consumer, 'seek'>): void;
};

/** It counts as down after a failure from which kafkajs does not recover by itself. */
export type Reader = Stoppable & ReaderHealth;

/** Short enough that full service is back within half a minute, however long the brokers were unavailable. */
const backoffMs = { first: 500, max: 5_000 };
/** A reader that read for this long before it failed starts again without a longer pause. */
const steadyMs = 60_000;

/**
 * Runs a kafkajs consumer and starts another one whenever it ends. kafkajs ends for good on every error that it
 * considers final; its own restart after the others is switched off, so that there is one way to restart.
 *
 * @throws AppError `unavailable` when the first start finds no broker
 */
export async function startReader(client: KafkaClient, settings: ReaderSettings): Promise<Reader> {
  const stopping = new AbortController();
  let current: Consumer | undefined;
  let downSinceMs: number | undefined = performance.now();
  let joinedMs = 0;
  let attempt = 0;
  let timer: NodeJS.Timeout | undefined;

  const joined = () => {
    downSinceMs = undefined;
    joinedMs = performance.now();
  };
  const crashed = (error: unknown) => {
    if (stopping.signal.aborted) return;
    if (downSinceMs === undefined && performance.now() - joinedMs > steadyMs) attempt = 0;
    downSinceMs ??= performance.now();
    attempt += 1;
    const inMs = Math.min(backoffMs.max, backoffMs.first * 2 ** Math.min(10, attempt - 1));
    const { message, reason } = toAppError(error);
    const fields = { name: settings.name, reason, attempt, inMs, error: message };
    timer = setTimeout(() => void start().catch(crashed), inMs);
    client.log('error', 'reader starts again', fields);
  };
  const start = async () => {
    current = newConsumer(client, settings);
    listen(current, { settings, joined, crashed });
    await run(current, settings);
    if (stopping.signal.aborted) await current.disconnect();
  };

  await start();
  const reader: Reader = {
    name: settings.name,
    downSeconds: () => (downSinceMs === undefined ? 0 : (performance.now() - downSinceMs) / 1000),
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      client.readers.delete(reader);
      await current?.disconnect();
    },
  };
  client.readers.add(reader);
  return reader;
}

function newConsumer({ kafkajs }: KafkaClient, settings: ReaderSettings): Consumer {
  return kafkajs.consumer({
    groupId: settings.groupId,
    sessionTimeout: settings.sessionTimeoutMs ?? 10_000,
    heartbeatInterval: 1_000,
    // The broker answers as soon as there is one record; the wait only bounds how long an idle fetch hangs.
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
    retry: { retries: 5, restartOnFailure: () => Promise.resolve(false) },
  });
}

type Listeners = { settings: ReaderSettings; joined: () => void; crashed: (error: unknown) => void };

function listen(consumer: Consumer, { settings, joined, crashed }: Listeners): void {
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    joined();
    settings.onJoin(payload.memberAssignment, consumer);
  });
  // Emitted once kafkajs has left the group and disconnected from the brokers.
  consumer.on(consumer.events.CRASH, ({ payload }) => crashed(payload.error));
}

async function run(consumer: Consumer, settings: ReaderSettings): Promise<void> {
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...settings.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => settings.eachBatch(payload),
    });
  } catch (error) {
    await consumer.disconnect().catch(() => undefined);
    throw kafkaError(error);
  }
}
