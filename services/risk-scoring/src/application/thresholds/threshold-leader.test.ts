import { expect, test } from 'vitest';
import { eventually } from '../../../../../tests/setup/eventually.ts';
import { startThresholdLeader } from './threshold-leader.ts';

test('scores that another instance may not have seen are looked at again', async () => {
  const answers = [false, false, true];
  let asked = 0;
  const leader = startThresholdLeader({
    leadThresholds: () => Promise.resolve(answers[asked++] ?? true),
    everyMs: 1,
    now: () => new Date(),
    log: () => undefined,
  });
  leader.scored();
  await eventually(() => expect(asked).toBeGreaterThanOrEqual(3));
  await leader.stop();
  expect(asked).toBe(3);
});
