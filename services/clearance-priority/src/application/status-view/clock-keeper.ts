import type { DatabaseClock } from '@aeo/platform/clock';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Database } from '@aeo/platform/postgres';

const everyMs = 1_000;

/** Reads the database's clock at the start and each second; a read that fails leaves the clock to grow old. */
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
  let last: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    last = read().catch(() => undefined);
  }, everyMs);
  return {
    name: 'database clock',
    stop: async () => {
      clearInterval(timer);
      await last;
    },
  };
}
