import { expect, test } from 'vitest';
import { eventually } from '../../../../tests/setup/eventually.ts';
import type { KafkaClient } from './client.ts';
import { watchQuarantine } from './quarantine.ts';

test('many records set aside at once cause one more read of the depths', async () => {
  const first = Promise.withResolvers<void>();
  let [asked, high] = [0, 0];
  const fetchTopicOffsets = async () => {
    asked += 1;
    if (asked === 1) await first.promise;
    return [{ partition: 0, offset: String(high), high: String(high), low: '0' }];
  };
  const admin = { fetchTopicOffsets } as unknown as KafkaClient['admin'];
  const quarantine = watchQuarantine({ admin, prefix: 'test.' }, ['events']);
  await eventually(() => expect(asked).toBe(1));
  for (high = 0; high < 100; high += 1) quarantine.refresh();
  first.resolve();
  await eventually(() => expect(quarantine.depths().get('events')).toBe(100));
  await quarantine.stop();
  expect(asked).toBe(2);
});
