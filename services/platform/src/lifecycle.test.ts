import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { stopAll } from './lifecycle.ts';

test('parts stop in order, and one that fails does not prevent the rest from stopping', async () => {
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

test('a part that does not stop in time is abandoned', async () => {
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

/** A process that starts with this work, and what it said at its end. */
function processOf(work: string): { status: number | null; output: string } {
  const at = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `
    import { AppError } from ${at('errors.ts')};
    import { startOrExit } from ${at('lifecycle.ts')};
    console.log(await startOrExit({ error: (message) => console.error(message) }, () => { ${work} }));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  return { status, output: `${stdout}${stderr}` };
}

test('an error that prevents the start is logged in one line, without a stack, and ends the process', () => {
  expect(processOf("throw new AppError('invalid', 'SETTINGS', 'TLS_DIR: missing')")).toEqual({
    status: 1,
    output: 'TLS_DIR: missing\n',
  });
  expect(processOf('return "up"')).toEqual({ status: 0, output: 'up\n' });
});

test('an internal error at the start is printed with its place', () => {
  const { status, output } = processOf("throw new Error('ours')");
  expect(status).toBe(1);
  expect(output).toMatch(/Error: ours\n\s+at /);
});
