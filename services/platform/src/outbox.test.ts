import { expect, test } from 'vitest';
import { outboxRows } from './outbox.ts';

const row = outboxRows([{ name: 'events', partitions: 4, compacted: false }], 'a-service');
const event = { topic: 'events', key: 'k', value: Buffer.from('v'), eventType: 'Happened' };

test.each([
  ['its own', 'order-1', 'order-1'],
  ['the id of the event where it is empty', '', undefined],
  ['the id of the event where it is absent', undefined, undefined],
])('an event carries as correlation id %s', (_, correlationId, expected) => {
  const [eventId, , , , , headers] = row({
    ...event,
    ...(correlationId === undefined ? {} : { correlationId }),
  });
  expect(JSON.parse(headers)).toMatchObject({ 'correlation-id': expected ?? eventId });
});
