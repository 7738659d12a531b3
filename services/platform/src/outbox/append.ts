import { context, propagation } from '@opentelemetry/api';
import { presentCorrelation } from '../correlation.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import { partitionOf, type TopicSpecification } from '../kafka.ts';
import type { Transaction } from '../postgres.ts';

export type OutboxEvent = {
  topic: string;
  key: string;
  value: Uint8Array;
  eventType: string;
  /** Absent: by the key's hash. */
  partition?: number;
  /** Absent or empty: that of `withCorrelation`, and outside of it the event's own id. */
  correlationId?: string;
  /** Absent or empty: that of `withCorrelation`, where there is one. */
  causationId?: string;
};

/**
 * Adds events to a transaction; they are published if and only if it commits, in the order of the calls. Throws
 * `invalid` BODY_TOO_LARGE for an event of more than `eventBytesMax`.
 */
export type AppendOutbox = (transaction: Transaction, events: readonly OutboxEvent[]) => Promise<void>;

/**
 * The largest event, with key and headers. Brokers refuse records above a megabyte, overhead included, and a refused
 * row would block all later rows: it must not be written.
 */
export const eventBytesMax = 1_000_000;

const insert = {
  name: 'outbox-insert',
  text: `INSERT INTO outbox (event_id, topic, partition, key, value, headers)
         SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::bytea[], $6::jsonb[])`,
};

/** The values of an outbox row: event id, topic, partition, key, value, headers as JSON. */
export type OutboxRow = [string, string, number, string, Buffer, string];

/**
 * Creates outbox rows, for a service that inserts them in a statement of its own.
 *
 * @param producedBy the service, for the `produced-by` header
 */
export function outboxRows(
  topics: readonly TopicSpecification[],
  producedBy: string,
): (event: OutboxEvent) => OutboxRow {
  const partitions = new Map(topics.map((topic) => [topic.name, topic.partitions]));
  return (event) => rowOf(event, partitions, producedBy);
}

/**
 * @param producedBy the service, for the `produced-by` header
 * @param onCommit called once a transaction with events is committed, so that the relay does not wait for its poll
 */
export function outboxWriter(
  topics: readonly TopicSpecification[],
  producedBy: string,
  onCommit: () => void = () => undefined,
): AppendOutbox {
  const toRow = outboxRows(topics, producedBy);
  return async (transaction, events) => {
    if (events.length === 0) return;
    const rows = events.map(toRow);
    const columns = [0, 1, 2, 3, 4, 5].map((column) => rows.map((row) => row[column]));
    await transaction.query(insert, columns);
    transaction.afterCommit(onCommit);
  };
}

function rowOf(event: OutboxEvent, partitions: Map<string, number>, producedBy: string): OutboxRow {
  const count = partitions.get(event.topic);
  if (count === undefined) throw new Error(`${event.topic} is not a topic of ${producedBy}`);
  const eventId = newId();
  const present = presentCorrelation();
  const headers: Record<string, string> = {
    'event-id': eventId,
    'event-type': event.eventType,
    'produced-by': producedBy,
    'correlation-id': firstNamed(event.correlationId, present.correlationId, eventId),
    'causation-id': firstNamed(event.causationId, present.causationId),
  };
  // The row carries the request's own trace, so that consumers continue it and not that of the relay's loop.
  propagation.inject(context.active(), headers);
  const partition = event.partition ?? partitionOf(event.key, count);
  const headersText = JSON.stringify(headers);
  const bytes = event.value.length + Buffer.byteLength(event.key) + Buffer.byteLength(headersText);
  if (bytes > eventBytesMax)
    throw new AppError(
      'invalid',
      'BODY_TOO_LARGE',
      `an event has ${bytes} bytes, at most ${eventBytesMax} are allowed`,
    );
  return [eventId, event.topic, partition, event.key, Buffer.from(event.value), headersText];
}

function firstNamed(...ids: (string | undefined)[]): string {
  return ids.find((id) => id !== undefined && id !== '') ?? '';
}
