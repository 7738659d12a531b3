import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { AppError, toAppError } from '../errors.ts';
import type { Stoppable } from '../lifecycle.ts';
import { kafkaError, type Connection } from './connection.ts';
import { observe, recordDuration } from '../metrics.ts';
import { readHeaders } from './headers.ts';
import { createProducer, type Producer } from './producer.ts';
import { deadLetterTopic } from './topics.ts';

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
  /** The age in seconds of the oldest record known to wait, 0 when none does. */
  lagSeconds(): number;
};

const conflictAttemptsMax = 5;
const backoffMs = { first: 100, max: 5_000 };

type Reading = {
  connection: Connection;
  consumers: Map<string, BoundConsumer>;
  deadLetters: Producer;
  attempts: Map<string, number>;
  lag: Map<string, number>;
  commit(topic: string, partition: number, next: bigint): Promise<void>;
};

/**
 * Reads as a member of a group. The offset is committed after the effects. `unavailable` pauses the partition and
 * tries again until it works; `conflict` is tried five times; anything else goes to the dead-letter topic at once.
 */
export async function consume(connection: Connection, options: ConsumeOptions): Promise<Subscription> {
  const { client, prefix } = connection;
  const consumer = client.consumer({
    groupId: prefix + options.group,
    sessionTimeout: options.sessionTimeoutMs ?? 10_000,
    heartbeatInterval: 1_000,
    // The broker answers as soon as there is one record; the wait only bounds how long an idle fetch hangs.
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
  });
  const reading: Reading = {
    connection,
    consumers: new Map(options.consumers.map((each) => [prefix + each.topic, each])),
    deadLetters: await createProducer(connection),
    attempts: new Map(),
    lag: new Map(),
    commit: (topic, partition, next) => consumer.commitOffsets([{ topic, partition, offset: String(next) }]),
  };
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...reading.consumers.keys()], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (batch) => readBatch(reading, batch),
    });
  } catch (error) {
    throw kafkaError(error);
  }
  const lagSeconds = () => Math.max(0, ...reading.lag.values());
  observe('aeo.consumer.lag', lagSeconds, { group: options.group });
  return {
    name: `consumer ${options.group}`,
    lagSeconds,
    stop: async () => {
      await consumer.disconnect();
      await reading.deadLetters.stop();
    },
  };
}

async function readBatch(reading: Reading, payload: EachBatchPayload): Promise<void> {
  const { batch } = payload;
  const slot = `${batch.topic}/${batch.partition}`;
  let next: bigint | undefined;
  for (const message of batch.messages) {
    if (!payload.isRunning() || payload.isStale()) break;
    try {
      await effectOrDeadLetter(reading, batch.topic, batch.partition, message);
    } catch (error) {
      pauseFor(reading, payload, slot, message, error);
      break;
    }
    reading.attempts.delete(slot);
    payload.resolveOffset(message.offset);
    next = BigInt(message.offset) + 1n;
    await payload.heartbeat();
  }
  if (next === undefined) return;
  if (next >= BigInt(batch.highWatermark)) reading.lag.set(slot, 0);
  await reading.commit(batch.topic, batch.partition, next);
}

function pauseFor(
  reading: Reading,
  payload: EachBatchPayload,
  slot: string,
  message: KafkaMessage,
  error: unknown,
): void {
  const attempt = (reading.attempts.get(slot) ?? 0) + 1;
  reading.attempts.set(slot, attempt);
  reading.lag.set(slot, (Date.now() - Number(message.timestamp)) / 1000);
  const resume = payload.pause();
  setTimeout(resume, Math.min(backoffMs.max, backoffMs.first * 2 ** Math.min(10, attempt - 1)));
  const { reason } = toAppError(error);
  reading.connection.log('warn', 'partition paused', { topic: payload.batch.topic, reason, attempt });
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
      return await handleInTrace(consumer, contextOf(headers, topic, partition, message), headers, message);
    } catch (error) {
      const failure = toAppError(error);
      if (failure.code === 'unavailable') throw failure;
      if (failure.code === 'conflict' && attempt < conflictAttemptsMax) continue;
      return await deadLetter(reading, topic, partition, message, failure);
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
  consumer: BoundConsumer,
  about: MessageContext,
  headers: Record<string, string>,
  message: KafkaMessage,
): Promise<void> {
  const parent = propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer.startSpan(`process ${consumer.topic}`, { kind: SpanKind.CONSUMER }, parent);
  const startedMs = performance.now();
  let outcome = 'ok';
  return context.with(trace.setSpan(parent, span), async () => {
    try {
      await consumer.handle(message.value ?? Buffer.alloc(0), about);
    } catch (error) {
      outcome = toAppError(error).code;
      throw error;
    } finally {
      span.end();
      recordDuration('aeo.consumer.duration', startedMs, { topic: consumer.topic, outcome });
    }
  });
}

async function deadLetter(
  reading: Reading,
  topic: string,
  partition: number,
  message: KafkaMessage,
  failure: AppError,
): Promise<void> {
  const plain = topic.slice(reading.connection.prefix.length);
  const origin = { 'dlq-topic': plain, 'dlq-partition': String(partition), 'dlq-offset': message.offset };
  const headers = { ...readHeaders(message.headers), ...origin, 'dlq-reason': failure.reason };
  const key = message.key?.toString() ?? '';
  await reading.deadLetters.send([
    { topic: deadLetterTopic(plain), key, value: message.value ?? Buffer.alloc(0), headers },
  ]);
  reading.connection.log('warn', 'record set aside', { ...origin, reason: failure.reason });
}
