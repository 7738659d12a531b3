import { setTimeout as pause } from 'node:timers/promises';
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { withCorrelation } from '../correlation.ts';
import { AppError, toAppError } from '../errors.ts';
import type { Stoppable } from '../lifecycle.ts';
import { observe, recordDuration } from '../metrics.ts';
import type { KafkaClient } from './client.ts';
import { createDeadLetters, type DeadLetters } from './dead-letters.ts';
import { readHeaders } from './headers.ts';
import { createLag, slotOf, slotsOf, type Lag } from './lag.ts';
import { watchQuarantine, type Quarantine } from './quarantine.ts';
import { startReader } from './reader.ts';

export type MessageContext = {
  eventId: string;
  eventType: string;
  key: string;
  topic: string;
  partition: number;
  offset: bigint;
  occurredAt: Date;
  correlationId: string;
};

/** One topic and what is done with its messages. A handler is idempotent: it will see some messages twice. */
export type Consumer<Message> = {
  topic: string;
  decode(value: Uint8Array): Message;
  handle(message: Message, context: MessageContext): Promise<void>;
  /** Records of these event types are passed over, heartbeats for one. */
  ignoredEventTypes?: readonly string[];
};

/** A consumer whose message type is closed in, so that consumers of different messages stand in one list. */
export type BoundConsumer = {
  topic: string;
  ignoredEventTypes: readonly string[];
  handle(value: Uint8Array, context: MessageContext): Promise<void>;
};

export function consumerOf<Message>(consumer: Consumer<Message>): BoundConsumer {
  return {
    topic: consumer.topic,
    ignoredEventTypes: consumer.ignoredEventTypes ?? [],
    handle: (value, about) => consumer.handle(decode(consumer, value), about),
  };
}

function decode<Message>(consumer: Consumer<Message>, value: Uint8Array): Message {
  try {
    return consumer.decode(value);
  } catch (error) {
    throw new AppError('invalid', 'BODY_MALFORMED', 'the record cannot be decoded', { cause: error });
  }
}

export type ConsumeOptions = {
  group: string;
  consumers: readonly BoundConsumer[];
  sessionTimeoutMs?: number;
};

export type Subscription = Stoppable & {
  /** The age in seconds of the oldest record known to wait, 0 when none does; at least the time it has been down. */
  lagSeconds(): number;
  /** Records set aside, by the topic they came from, as the brokers told last. */
  setAside(): ReadonlyMap<string, number>;
};

const conflict = { attemptsMax: 5, firstMs: 20, maxMs: 200 };
const backoffMs = { first: 100, max: 5_000 };

type Reading = {
  client: KafkaClient;
  group: string;
  consumers: Map<string, BoundConsumer>;
  deadLetters: DeadLetters;
  quarantine: Quarantine;
  attempts: Map<string, number>;
  lag: Lag;
};

/**
 * Reads as a member of a group. The offset is committed after the effects. `unavailable` pauses the partition and
 * tries again until it works; `conflict` is tried five times; anything else goes to the dead-letter topic at once.
 */
export async function consume(client: KafkaClient, options: ConsumeOptions): Promise<Subscription> {
  const { prefix } = client;
  const reading: Reading = {
    client,
    group: options.group,
    consumers: new Map(options.consumers.map((each) => [prefix + each.topic, each])),
    deadLetters: createDeadLetters(client),
    quarantine: watchQuarantine(
      client,
      options.consumers.map(({ topic }) => topic),
    ),
    attempts: new Map(),
    lag: createLag(),
  };
  const reader = await startReader(client, {
    name: `consumer ${options.group}`,
    groupId: prefix + options.group,
    topics: [...reading.consumers.keys()],
    ...(options.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: options.sessionTimeoutMs }),
    eachBatch: (payload) => readBatch(reading, payload),
    onJoin: (assignment) => reading.lag.assigned(slotsOf(assignment)),
  });
  const lagSeconds = () => Math.max(reading.lag.seconds(Date.now()), reader.downSeconds());
  const { group } = options;
  const unobserve = observe('aeo.consumer.lag', () => [{ value: lagSeconds(), attributes: { group } }]);
  return {
    name: reader.name,
    lagSeconds,
    setAside: reading.quarantine.depths,
    stop: async () => {
      unobserve();
      await reader.stop();
      await reading.quarantine.stop();
      await reading.deadLetters.stop();
    },
  };
}

async function readBatch(reading: Reading, payload: EachBatchPayload): Promise<void> {
  const { batch } = payload;
  const slot = slotOf(batch.topic, batch.partition);
  let next: bigint | undefined;
  for (const message of batch.messages) {
    if (!payload.isRunning() || payload.isStale()) break;
    reading.lag.waits(slot, Number(message.timestamp));
    try {
      await effectOrDeadLetter(reading, batch.topic, batch.partition, message);
    } catch (error) {
      pauseFor(reading, payload, slot, error);
      break;
    }
    reading.attempts.delete(slot);
    payload.resolveOffset(message.offset);
    next = BigInt(message.offset) + 1n;
    await heartbeat(payload, next);
  }
  if (next === undefined) return;
  if (next >= BigInt(batch.highWatermark)) reading.lag.done(slot);
  await heartbeat(payload, next);
  await commit(payload, next);
}

/** A group that has moved on says so here; what was done is then committed if it still can be. */
async function heartbeat(payload: EachBatchPayload, next: bigint): Promise<void> {
  try {
    await payload.heartbeat();
  } catch (error) {
    await commit(payload, next).catch(() => undefined);
    if (payload.isRunning()) throw error;
  }
}

/**
 * Commits by the batch itself: a refusal then comes up as what it is, and kafkajs joins the group again. Its
 * `consumer.commitOffsets` would wrap the refusal into an error that ends the consumer, and does nothing any more once
 * the consumer is being stopped.
 */
async function commit(payload: EachBatchPayload, next: bigint): Promise<void> {
  const { topic, partition } = payload.batch;
  const partitions = [{ partition, offset: String(next) }];
  try {
    await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions }] });
  } catch (error) {
    // Whoever is leaving need not join again to be refused again: the next owner sees the records once more.
    if (payload.isRunning()) throw error;
  }
}

function pauseFor(reading: Reading, payload: EachBatchPayload, slot: string, error: unknown): void {
  const attempt = (reading.attempts.get(slot) ?? 0) + 1;
  reading.attempts.set(slot, attempt);
  const resume = payload.pause();
  setTimeout(resume, Math.min(backoffMs.max, backoffMs.first * 2 ** Math.min(10, attempt - 1)));
  const { reason } = toAppError(error);
  reading.client.log('warn', 'partition paused', { topic: payload.batch.topic, reason, attempt });
}

/** Throws only `unavailable`: the message must be tried again later. */
async function effectOrDeadLetter(
  reading: Reading,
  topic: string,
  partition: number,
  message: KafkaMessage,
): Promise<void> {
  const consumer = reading.consumers.get(topic);
  const headers = readHeaders(message.headers);
  if (consumer === undefined || consumer.ignoredEventTypes.includes(headers['event-type'] ?? '')) return;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await handleInTrace(
        reading.group,
        consumer,
        contextOf(headers, topic, partition, message),
        headers,
        message,
      );
    } catch (error) {
      const failure = toAppError(error);
      if (failure.code === 'unavailable') throw failure;
      if (failure.code !== 'conflict' || attempt >= conflict.attemptsMax) {
        await reading.deadLetters.setAside(topic, partition, message, failure);
        return reading.quarantine.refresh();
      }
      // Whoever was first has to get through; two that retry in step would only meet again.
      await pause(Math.min(conflict.maxMs, conflict.firstMs * 2 ** (attempt - 1)) * (0.5 + Math.random()));
    }
  }
}

function contextOf(
  headers: Record<string, string>,
  topic: string,
  partition: number,
  message: KafkaMessage,
): MessageContext {
  return {
    eventId: headers['event-id'] ?? `${topic}/${partition}/${message.offset}`,
    eventType: headers['event-type'] ?? '',
    key: message.key?.toString() ?? '',
    topic,
    partition,
    offset: BigInt(message.offset),
    occurredAt: new Date(headers['occurred-at'] ?? Number(message.timestamp)),
    correlationId: headers['correlation-id'] ?? '',
  };
}

const tracer = trace.getTracer('aeo.kafka');

function handleInTrace(
  group: string,
  consumer: BoundConsumer,
  about: MessageContext,
  headers: Record<string, string>,
  message: KafkaMessage,
): Promise<void> {
  const parent = propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer.startSpan(`process ${consumer.topic}`, { kind: SpanKind.CONSUMER }, parent);
  const startedMs = performance.now();
  let failed: { 'error.type'?: string } = {};
  return context.with(trace.setSpan(parent, span), async () => {
    try {
      // An event without a correlation is where one begins.
      await withCorrelation(about.correlationId || about.eventId, about.eventId, () =>
        consumer.handle(message.value ?? Buffer.alloc(0), about),
      );
    } catch (error) {
      failed = { 'error.type': toAppError(error).code };
      throw error;
    } finally {
      span.end();
      recordDuration('messaging.process.duration', startedMs, {
        'messaging.destination.name': consumer.topic,
        'messaging.consumer.group.name': group,
        ...failed,
      });
    }
  });
}
