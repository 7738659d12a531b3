import type { ChildProcess } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Child } from '../processes/child-process.ts';
import { supervise, type SupervisionSettings } from './supervision.ts';

/** A child that ends when the test ends it. */
function child(): Child & { end(how: string): void } {
  const exited = Promise.withResolvers<void>();
  let how: string | undefined;
  const end = (reason: string) => ((how = `ended with ${reason}`), exited.resolve());
  const process = { kill: (signal: string) => end(signal) } as unknown as ChildProcess;
  const stop = () => Promise.resolve(end('SIGTERM'));
  return {
    name: 'a service',
    process,
    logFile: undefined,
    exited: exited.promise,
    exitReason: () => how,
    stop,
    end,
  };
}

function supervised(
  settings: Partial<SupervisionSettings> = {},
  start: () => Promise<Child> | undefined = () => undefined,
) {
  const first = child();
  const started: ReturnType<typeof child>[] = [first];
  const lines: string[] = [];
  const failure = Promise.withResolvers<Error>();
  const relaunch = () => {
    const other = start();
    if (other !== undefined) return other;
    const next = child();
    started.push(next);
    return Promise.resolve(next);
  };
  const service = supervise(
    { child: first, relaunch },
    {
      log: (line) => lines.push(line),
      onGivenUp: failure.resolve,
      backoffMs: { first: 1, max: 4 },
      ...settings,
    },
  );
  return { service, started, lines, givenUp: failure.promise };
}

test('a process that ends unexpectedly is restarted, and a line reports it', async () => {
  const { service, started, lines } = supervised();
  started[0]!.end('1');
  await expect
    .poll(() => lines)
    .toEqual([expect.stringMatching(/^a service ended with 1, back after \d\.\d s$/)]);
  started[1]!.end('SIGKILL');
  await expect.poll(() => lines).toHaveLength(2);
  await service.stop(1_000);
  expect(started).toHaveLength(3);
});

test('a kill resolves when the process is back, and no line reports it', async () => {
  const { service, started, lines } = supervised();
  expect(await service.kill()).toMatch(/^killed a service, back after/);
  expect([started.length, lines]).toEqual([2, []]);
  await service.stop(1_000);
});

test('a process that is stopped is not restarted, also when a restart is under way', async () => {
  const { service, started } = supervised();
  await service.stop(1_000);
  expect(started).toHaveLength(1);
  const late = Promise.withResolvers<Child>();
  let asked = 0;
  const slow = supervised({}, () => ((asked += 1), late.promise));
  slow.started[0]!.end('1');
  await expect.poll(() => asked).toBe(1);
  const stopping = slow.service.stop(1_000);
  const arrived = child();
  late.resolve(arrived);
  await stopping;
  expect(arrived.exitReason()).toBe('ended with SIGTERM');
});

test('a process that ends too often is given up with the reason, failed starts included', async () => {
  const fails = () => Promise.reject(new Error('did not start'));
  const { service, started, givenUp } = supervised({ restartsMax: 3 }, fails);
  const killed = service.kill();
  await expect(killed).rejects.toThrow('a service does not stay up (did not start)');
  expect((await givenUp).message).toContain('did not start');
  expect(started).toHaveLength(1);
  await service.stop(1_000);
});

test('ends that are further apart than the window are not counted together', async () => {
  const { service, started, lines } = supervised({ restartsMax: 1, withinMs: 0 });
  for (const nth of [0, 1, 2, 3]) {
    started[nth]!.end('1');
    await expect.poll(() => lines).toHaveLength(nth + 1);
  }
  await service.stop(1_000);
});
