import { expect, test } from 'vitest';
import { topic } from '../../../../tests/setup/stack/kafka.ts';
import { withCorrelation } from '../correlation.ts';
import { captureTrace } from '../trace.ts';
import { eventBytesMax, outboxRows } from './append.ts';

const toRow = outboxRows([topic('events')], 'tests');
const event = (bytes: number) => ({
  topic: 'events',
  key: 'k',
  value: Buffer.alloc(bytes),
  eventType: 'Happened',
});

test('an event that no broker would accept is refused before it is written', () => {
  expect(() => toRow(event(eventBytesMax))).toThrow(
    expect.objectContaining({ code: 'invalid', reason: 'BODY_TOO_LARGE' }) as Error,
  );
  expect(toRow(event(eventBytesMax - 1_000))).toHaveLength(6);
});

const headersOf = (correlationId?: string) => {
  const about = correlationId === undefined ? {} : { correlationId };
  return JSON.parse(toRow({ ...event(1), ...about })[5]) as Record<string, string>;
};

test('an event carries the correlation of the work that publishes it, and its cause', async () => {
  const later = await withCorrelation('request-1', 'event-1', async () => {
    await Promise.resolve();
    return headersOf();
  });
  expect(later).toMatchObject({ 'correlation-id': 'request-1', 'causation-id': 'event-1' });
  const named = withCorrelation('request-1', 'event-1', () => headersOf('declaration-7'));
  expect(named).toMatchObject({ 'correlation-id': 'declaration-7', 'causation-id': 'event-1' });
  const unnamed = withCorrelation('request-1', '', () => headersOf(''));
  expect(unnamed).toMatchObject({ 'correlation-id': 'request-1', 'causation-id': '' });
});

test('an event without a correlation begins one', () => {
  const headers = headersOf();
  expect(headers).toMatchObject({ 'correlation-id': headers['event-id'], 'causation-id': '' });
});

test('work done later together with that of others keeps its correlation', () => {
  const kept = withCorrelation('request-1', 'event-1', () => captureTrace());
  const headers = withCorrelation('request-2', 'event-2', () => kept(() => headersOf()));
  expect(headers).toMatchObject({ 'correlation-id': 'request-1', 'causation-id': 'event-1' });
});
