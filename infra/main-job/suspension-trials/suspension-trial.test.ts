import { expect, test } from 'vitest';
import { suspensionTrial, type TrialPorts } from './suspension-trial.ts';

const settings = { pollEveryMs: 10, boundMs: 2_000, watchAfterBoundMs: 200, beforeMs: 300 };

/** A border whose answers change some time after the suspension, on a clock that moves only when a test waits. */
function border(visibleAfterMs: number, grantedBefore = true, stutterMs = 0): TrialPorts {
  let nowMs = 1_000_000;
  let suspendedAtMs = Number.POSITIVE_INFINITY;
  const waiting: { atMs: number; wake: () => void }[] = [];
  const status = () => {
    if (nowMs >= suspendedAtMs && nowMs < suspendedAtMs + stutterMs) return 'other';
    if (grantedBefore && nowMs < suspendedAtMs + visibleAfterMs) return 'benefit';
    return grantedBefore ? 'suspended' : 'other';
  };
  const advance = () => {
    waiting.sort((a, b) => a.atMs - b.atMs);
    const next = waiting.shift();
    if (next === undefined) return;
    nowMs = Math.max(nowMs, next.atMs);
    next.wake();
  };
  return {
    getPriority: () => Promise.resolve(status()),
    assess: () => Promise.resolve({ status: status(), decidedAtMs: nowMs }),
    suspend: () => Promise.resolve({ answeredAtMs: (suspendedAtMs = nowMs), effectiveFromMs: nowMs }),
    reinstate: () => Promise.resolve(),
    nowMs: () => nowMs,
    pause: (ms) =>
      new Promise((resolve) => {
        waiting.push({ atMs: nowMs + Math.max(0, ms), wake: resolve });
        setImmediate(advance);
      }),
  };
}

test('a suspension that shows within the bound counts and is clean', async () => {
  const trial = await suspensionTrial(border(120), settings);
  expect(trial).toMatchObject({ counted: true, reason: '', late: { getPriority: 0, assess: 0 } });
  expect(trial.visibleMs).toBeGreaterThanOrEqual(100);
  expect(trial.visibleMs).toBeLessThan(200);
});

test('benefits after the bound are counted', async () => {
  const trial = await suspensionTrial(border(2_100), settings);
  expect(trial.late.getPriority + trial.late.assess).toBeGreaterThan(0);
});

test('a trial without a benefit before it does not count', async () => {
  const trial = await suspensionTrial(border(0, false), settings);
  expect(trial).toMatchObject({ counted: false, reason: 'no benefit seen in the second before' });
});

test('a suspension that never shows does not count, and every late benefit does', async () => {
  const trial = await suspensionTrial(border(Number.POSITIVE_INFINITY), settings);
  expect(trial).toMatchObject({ counted: false, reason: 'no refusal seen after' });
  expect(trial.late.getPriority + trial.late.assess).toBeGreaterThan(10);
});

test('too few questions do not count', async () => {
  const trial = await suspensionTrial(border(120), { ...settings, pollEveryMs: 50 });
  expect(trial).toMatchObject({ counted: false, reason: 'polled less than 50 times a second' });
});

test('a stutter is no suspension: it shows when the last benefit is over', async () => {
  const trial = await suspensionTrial(border(1_500, true, 20), settings);
  expect(trial).toMatchObject({ counted: true, late: { getPriority: 0, assess: 0 } });
  expect(trial.visibleMs).toBeGreaterThanOrEqual(1_400);
});

test('a suspension that fails ends the polling, is reversed and reports the reason', async () => {
  const ports = border(120);
  let reinstated = 0;
  const failing: TrialPorts = {
    ...ports,
    suspend: () => Promise.reject(new Error('out of order')),
    reinstate: () => Promise.resolve(void (reinstated += 1)),
  };
  await expect(suspensionTrial(failing, settings)).rejects.toThrow('out of order');
  expect(reinstated).toBe(1);
});
