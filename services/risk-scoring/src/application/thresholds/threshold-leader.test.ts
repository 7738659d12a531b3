import { expect, test } from 'vitest';
import { eventually } from '../../../../../tests/setup/eventually.ts';
import { startThresholdLeader } from './threshold-leader.ts';

test('scores that another instance may not have seen are evaluated again', async () => {
  const answers = [false, false, true];
  let attempts = 0;
  const leader = startThresholdLeader({
    tryWithThresholds: () => Promise.resolve(answers[attempts++] ?? true),
    everyMs: 1,
    now: () => new Date(),
    log: () => undefined,
  });
  leader.scored();
  await eventually(() => expect(attempts).toBeGreaterThanOrEqual(3));
  await leader.stop();
  expect(attempts).toBe(3);
});
