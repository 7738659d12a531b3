import { expect, test } from 'vitest';
import { topic } from '../../../tests/setup/kafka.ts';
import { eventBytesMax, outboxRows, type OutboxEvent } from './outbox.ts';

const toRow = outboxRows([topic('events')], 'tests');
const event = (bytes: number, given: Partial<OutboxEvent> = {}) => ({
  topic: 'events',
  key: 'k',
  value: Buffer.alloc(bytes),
  eventType: 'Happened',
  ...given,
});

test('an event no broker would take is refused before it is written', () => {
  expect(() => toRow(event(eventBytesMax))).toThrow(
    expect.objectContaining({ code: 'invalid', reason: 'BODY_TOO_LARGE' }) as Error,
  );
  expect(toRow(event(eventBytesMax - 1_000))).toHaveLength(6);
});

test.each([
  ['its own', 'order-1', 'order-1'],
  ['the id of the event where it is empty', '', undefined],
  ['the id of the event where it is absent', undefined, undefined],
])('an event carries as correlation id %s', (_, correlationId, expected) => {
  const row = toRow(event(1, correlationId === undefined ? {} : { correlationId }));
  const [eventId, , , , , headers] = row;
  expect(JSON.parse(headers)).toMatchObject({ 'correlation-id': expected ?? eventId });
});
