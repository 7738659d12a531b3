import { expect, test } from 'vitest';
import { stopAll } from './lifecycle.ts';

test('parts stop in order and a failing one does not hold back the rest', async () => {
  const stopped: string[] = [];
  const part = (name: string, fails = false) => ({
    name,
    stop: () => {
      stopped.push(name);
      return fails ? Promise.reject(new Error('stuck')) : Promise.resolve();
    },
  });
  const report = await stopAll([part('intake'), part('relay', true), part('database')]);
  expect(stopped).toEqual(['intake', 'relay', 'database']);
  expect(report.failed.map(({ name }) => name)).toEqual(['relay']);
});

test('a part that never ends is left behind', async () => {
  let ended = false;
  const report = await stopAll(
    [
      { name: 'stuck', stop: () => new Promise<void>(() => undefined) },
      { name: 'database', stop: () => Promise.resolve(void (ended = true)) },
    ],
    120,
  );
  expect(ended).toBe(true);
  expect(report.failed.map(({ name }) => name)).toEqual(['stuck']);
});
