import { expect, test } from 'vitest';
import { eventually } from '../../../../tests/setup/eventually.ts';
import type { Connection } from './connection.ts';
import { watchQuarantine } from './quarantine.ts';

test('however many records are set aside at once, the brokers are asked once more', async () => {
  const answers: (() => void)[] = [];
  let high = 0;
  const fetchTopicOffsets = async () => {
    await new Promise<void>((resolve) => answers.push(resolve));
    return [{ partition: 0, offset: String(high), high: String(high), low: '0' }];
  };
  const admin = { fetchTopicOffsets } as unknown as Connection['admin'];
  const quarantine = watchQuarantine({ admin, prefix: 'test.' }, ['events']);
  await eventually(() => expect(answers).toHaveLength(1));
  for (high = 0; high < 100; high += 1) quarantine.look();
  answers[0]?.();
  await eventually(() => expect(answers).toHaveLength(2));
  answers[1]?.();
  await eventually(() => expect(quarantine.depths().get('events')).toBe(100));
  await quarantine.stop();
  expect(answers).toHaveLength(2);
});
