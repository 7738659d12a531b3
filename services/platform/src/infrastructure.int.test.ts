import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/setup/stack/database.ts';
import { eventually } from '../../../tests/setup/eventually.ts';
import { topic } from '../../../tests/setup/stack/kafka.ts';
import { startInfrastructure } from './infrastructure.ts';
import { stopAll } from './lifecycle.ts';

const silent = () => undefined;
let own: TestDatabase;
let migrations: string;

beforeEach(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl);
  migrations = mkdtempSync(join(tmpdir(), 'migrations-'));
});
afterEach(async () => {
  await own.drop();
  rmSync(migrations, { recursive: true });
});

/** How long the relay rests between its polls. */
const pollMs = 25;

/** From here on a rest of the relay never ends by itself; returns how many have begun. */
function withoutPolls(): () => number {
  let rests = 0;
  const real = globalThis.setTimeout;
  const never = real(silent, 0);
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((work: () => void, ms?: number) => {
    if (ms !== pollMs) return real(work, ms);
    rests += 1;
    return never;
  });
  return () => rests;
}

test('a commit of a service wakes its relay before the next poll', async () => {
  const rests = withoutPolls();
  const { append, database, kafka, parts } = await startInfrastructure({
    service: 'tests',
    administration: `test-${randomUUID()}`,
    databaseUrl: own.url,
    migrations,
    brokers: inject('stack').kafkaBrokers.split(','),
    owned: [{ ...topic('events'), heartbeats: false }],
    encodeHeartbeat: () => Buffer.alloc(0),
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  try {
    const seen: string[] = [];
    await kafka.broadcast({ topics: ['events'], onRecord: ({ key }) => void seen.push(key) });
    await eventually(() => expect(rests()).toBeGreaterThan(0));
    for (const key of ['one', 'two']) {
      await database.transaction((transaction) =>
        append(transaction, [{ topic: 'events', key, value: Buffer.from(key), eventType: 'Happened' }]),
      );
      await eventually(() => expect(seen.at(-1)).toBe(key));
    }
  } finally {
    vi.restoreAllMocks();
    await stopAll(parts);
  }
});
