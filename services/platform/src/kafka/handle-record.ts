import { setTimeout as pause } from 'node:timers/promises';
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { KafkaMessage } from 'kafkajs';
import { withCorrelation } from '../correlation.ts';
import { toAppError } from '../errors.ts';
import { recordDuration } from '../metrics.ts';
import type { BoundConsumer, MessageContext } from './bound-consumer.ts';
import type { DeadLetters } from './dead-letters.ts';
import { readHeaders } from './headers.ts';
import type { Quarantine } from './quarantine.ts';

const conflict = { attemptsMax: 5, firstMs: 20, maxMs: 200 };

export type RecordHandling = {
  group: string;
  /** By topic, with the administration's prefix. */
  consumers: ReadonlyMap<string, BoundConsumer>;
  deadLetters: DeadLetters;
  quarantine: Pick<Quarantine, 'refresh'>;
};

/**
 * Handles one record: once it returns, the record has had its effect or is a dead letter. `conflict` is retried up to
 * five times, any other error but `unavailable` makes the record a dead letter at once.
 *
 * @throws AppError `unavailable` when the record must be retried later
 */
export async function handleRecord(
  { group, consumers, deadLetters, quarantine }: RecordHandling,
  topic: string,
  partition: number,
  message: KafkaMessage,
): Promise<void> {
  const consumer = consumers.get(topic);
  const headers = readHeaders(message.headers);
  if (consumer === undefined || consumer.ignoredEventTypes.includes(headers['event-type'] ?? '')) return;
  const delivery = { group, consumer, headers, value: message.value ?? Buffer.alloc(0) };
  const about = contextOf(headers, topic, partition, message);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await handleInTrace(delivery, about);
    } catch (error) {
      const failure = toAppError(error);
      if (failure.code === 'unavailable') throw failure;
      if (failure.code !== 'conflict' || attempt >= conflict.attemptsMax) {
        await deadLetters.add(topic, partition, message, failure);
        return quarantine.refresh();
      }
      await pause(conflictPauseMs(attempt));
    }
  }
}

/** With jitter: two handlers that retry in step would conflict again. */
function conflictPauseMs(attempt: number): number {
  return Math.min(conflict.maxMs, conflict.firstMs * 2 ** (attempt - 1)) * (0.5 + Math.random());
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

type Delivery = {
  group: string;
  consumer: BoundConsumer;
  headers: Record<string, string>;
  value: Uint8Array;
};

const tracer = trace.getTracer('aeo.kafka');

/** Continues the trace of the record's producer and measures the handler. */
function handleInTrace({ group, consumer, headers, value }: Delivery, about: MessageContext): Promise<void> {
  const parent = propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer.startSpan(`process ${consumer.topic}`, { kind: SpanKind.CONSUMER }, parent);
  const startedMs = performance.now();
  let failed: { 'error.type'?: string } = {};
  return context.with(trace.setSpan(parent, span), async () => {
    try {
      // An event without a correlation id begins one.
      await withCorrelation(about.correlationId || about.eventId, about.eventId, () =>
        consumer.handle(value, about),
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
