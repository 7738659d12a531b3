import { expect, test } from 'vitest';
import { eventually } from '../../../tests/setup/eventually.ts';
import { startPeriodic, type PeriodicOptions } from './periodic.ts';

/** Pauses that end when the test says so, or by their signal; their lengths are noted. */
function controlledPauses() {
  const lengths: number[] = [];
  let end: () => void = () => undefined;
  const pause = (ms: number, signal: AbortSignal) => {
    lengths.push(ms);
    return new Promise<void>((resolve) => {
      end = resolve;
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve());
    });
  };
  const next = async () => {
    const before = lengths.length;
    end();
    await eventually(() => expect(lengths).toHaveLength(before + 1));
  };
  return { lengths, pause, next };
}

function start(options: Pick<PeriodicOptions, 'round'> & Partial<PeriodicOptions>) {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const pauses = controlledPauses();
  const { pause } = pauses;
  return {
    ...pauses,
    errors,
    periodic: startPeriodic({ name: 'test', everyMs: 100, onError, pause, ...options }),
  };
}

test('a round runs after each pause', async () => {
  let rounds = 0;
  const { lengths, next, periodic } = start({ round: () => Promise.resolve(void (rounds += 1)) });
  expect(rounds).toBe(0);
  await next();
  await next();
  expect(rounds).toBe(2);
  expect(lengths).toEqual([100, 100, 100]);
  await periodic.stop();
  expect(rounds).toBe(2);
});

test('a first pause of zero starts the first round at once', async () => {
  let rounds = 0;
  const round = () => Promise.resolve(void (rounds += 1));
  const { lengths, periodic } = start({ firstMs: 0, round });
  expect(rounds).toBe(1);
  await periodic.stop();
  expect(lengths.length).toBeLessThanOrEqual(1);
});

test('pauses double from failure to failure up to a bound, and a success ends that', async () => {
  const failing = [true, true, true, true, false];
  const round = () => (failing.shift() ? Promise.reject(new Error('failed')) : Promise.resolve());
  const { lengths, next, errors, periodic } = start({ firstMs: 0, round, retryMaxMs: 350 });
  await eventually(() => expect(lengths).toHaveLength(1));
  for (let rounds = 1; rounds < 5; rounds += 1) await next();
  expect(lengths).toEqual([100, 200, 350, 350, 100]);
  expect(errors).toHaveLength(4);
  await periodic.stop();
});

test('a bound below the usual pause does not shorten it', async () => {
  const round = () => Promise.reject(new Error('failed'));
  const { lengths, periodic } = start({ firstMs: 0, round, everyMs: 60_000 });
  await eventually(() => expect(lengths).toEqual([60_000]));
  await periodic.stop();
});

test('a round chooses the pause that follows it', async () => {
  const ends = [5, undefined] as const;
  let rounds = 0;
  const { lengths, next, periodic } = start({ firstMs: 1, round: () => Promise.resolve(ends[rounds++]) });
  await next();
  await next();
  expect(lengths).toEqual([1, 5, 100]);
  await periodic.stop();
});

test('a round that is done is the last', async () => {
  let rounds = 0;
  const round = () => {
    rounds += 1;
    return Promise.resolve('done' as const);
  };
  const { periodic, lengths } = start({ firstMs: 0, round });
  await periodic.stop();
  expect([rounds, lengths]).toEqual([1, []]);
});

test('a stop aborts the round under way and waits for it', async () => {
  let ended = false;
  const round = (signal: AbortSignal) =>
    new Promise<void>((_, reject) =>
      signal.addEventListener('abort', () =>
        setImmediate(() => {
          ended = true;
          reject(new Error('stopped'));
        }),
      ),
    );
  const { errors, periodic } = start({ firstMs: 0, round });
  await periodic.stop();
  expect(ended).toBe(true);
  expect(errors).toEqual([]);
});

test('calls for an early round during a round start one more after it, never two at once', async () => {
  const first = Promise.withResolvers<void>();
  let [rounds, running, most] = [0, 0, 0];
  const round = async () => {
    rounds += 1;
    running += 1;
    most = Math.max(most, running);
    if (rounds === 1) await first.promise;
    running -= 1;
  };
  const { lengths, periodic } = start({ firstMs: 0, round });
  for (let calls = 0; calls < 10; calls += 1) periodic.runSoon();
  first.resolve();
  await eventually(() => expect(lengths).toEqual([100, 100]));
  expect([rounds, most]).toEqual([2, 1]);
  periodic.runSoon();
  await eventually(() => expect(rounds).toBe(3));
  await periodic.stop();
});

test('a stop ends the pause under way', async () => {
  const periodic = startPeriodic({
    name: 'test',
    everyMs: 600_000,
    round: () => Promise.resolve(),
    onError: () => undefined,
  });
  await periodic.stop();
});
