import { AppError } from '@aeo/platform/errors';
import { expect, test } from 'vitest';
import { eventually } from '../../../../../tests/setup/eventually.ts';
import { resumePublication } from './resume-publication.ts';

const quiet = { warn: () => undefined };

test('resumed publication retries until it succeeds', async () => {
  let attempts = 0;
  const publish = () => {
    attempts += 1;
    return attempts < 2
      ? Promise.reject(new AppError('unavailable', 'UNAVAILABLE', 'not yet'))
      : Promise.resolve();
  };
  const resumed = resumePublication(publish, quiet);
  await eventually(() => expect(attempts).toBe(2));
  await resumed.stop();
  expect(attempts).toBe(2);
});

test('a stop ends a publication attempt under way', async () => {
  const publish = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
  await resumePublication(publish, quiet).stop();
});
