import { setTimeout as pause } from 'node:timers/promises';
import { isFirstDelivery } from '@aeo/platform/inbox';
import { consumerOf } from '@aeo/platform/kafka';
import { runUntilSignal } from '@aeo/platform/lifecycle';
import { connectPostgres } from '@aeo/platform/postgres';
import type { ConsumerMoment, ConsumerProcessSettings } from './consumer-process.ts';
import { connectTestKafka } from '../stack/kafka.ts';

/**
 * A member of a group in a process of its own; its settings are its only argument. Every record is an effect: a row of
 * its own, and the value under its key. At one record it gives itself a signal.
 */
const settings = JSON.parse(process.argv[2] ?? '') as ConsumerProcessSettings;
const { databaseUrl, brokers, administration, topic, group } = settings;
const database = await connectPostgres({ url: databaseUrl, applicationName: `member ${process.pid}` });
const kafka = await connectTestKafka(brokers, { administration });
const consumer = consumerOf({
  topic,
  decode: (value) => Buffer.from(value).toString(),
  handle: async (value, { eventId, key }) => {
    await signalAt('before', value);
    await database.transaction(async (transaction) => {
      if (!(await isFirstDelivery(transaction, group, eventId))) return;
      await transaction.query('INSERT INTO effect (value, member) VALUES ($1, $2)', [value, process.pid]);
      await transaction.query(
        'INSERT INTO latest VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value',
        [key, value],
      );
      await signalAt('inside', value);
    });
    await signalAt('after', value);
  },
});
const intake = await kafka.consume({ group, consumers: [consumer], sessionTimeoutMs: 6_000 });
await runUntilSignal([intake, kafka, database]);

async function signalAt(moment: ConsumerMoment, value: string): Promise<void> {
  if (settings.at !== `${moment} ${value}`) return;
  settings.at = undefined;
  process.kill(process.pid, settings.signal ?? 'SIGKILL');
  // One that is only frozen goes on, once it thaws, before it hears of anything that happened meanwhile.
  if (settings.signal === undefined) await pause(1_000);
}
