import type { DatabaseClock } from '@aeo/platform/clock';
import type { Stoppable } from '@aeo/platform/lifecycle';
import { startPeriodic } from '@aeo/platform/periodic';
import type { Database } from '@aeo/platform/postgres';

const everyMs = 1_000;

/** Reads the database's clock at the start and each second; while reads fail, the reading held grows old. */
export async function keepClock(database: Database, clock: DatabaseClock): Promise<Stoppable> {
  const read = async () => {
    const sentMs = performance.now();
    const { rows } = await database.query<{ now: Date }>({
      name: 'clock',
      text: 'SELECT clock_timestamp() AS now',
    });
    const now = rows[0]?.now;
    if (now !== undefined) clock.observe(now.getTime(), sentMs, performance.now());
  };
  await read();
  return startPeriodic({
    name: 'database clock',
    everyMs,
    round: read,
    onError: () => undefined,
    // Decisions wait for a reading.
    retryMaxMs: everyMs,
  });
}
