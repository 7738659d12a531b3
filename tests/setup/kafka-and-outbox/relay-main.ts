import { setTimeout as pause } from 'node:timers/promises';
import type { Kafka, OutgoingRecord, Producer } from '@aeo/platform/kafka';
import { startOutboxRelay } from '@aeo/platform/outbox';
import { connectTestKafka, topic } from '../stack/kafka.ts';
import { encodeHeartbeat } from './outbox-topic.ts';
import type { RelayProcessSettings, RelayStep } from './relay-process.ts';

/**
 * A relay in a process of its own; its settings are its only argument. At one step of its first batch it gives itself
 * a signal: the steps are those its producer sees, so that the relay is the one that services run.
 */
const settings = JSON.parse(process.argv[2] ?? '') as RelayProcessSettings;
const { databaseUrl, brokers, administration } = settings;
const topics = [settings.topic ?? topic('events')];
const kafka = await connectTestKafka(brokers, { administration });
const relay = startOutboxRelay({
  databaseUrl,
  createProducer: () => producerOf(kafka),
  heartbeats: { topics, encode: encodeHeartbeat },
  log: () => undefined,
});
process.once('SIGTERM', () => void relay.stop().then(() => kafka.stop()));

async function producerOf(connected: Kafka): Promise<Producer> {
  const made = await connected.producer();
  await signalAt('lock held');
  return {
    ...made,
    send: (records) => (isBeat(records) ? sendBeat(made, records) : sendRows(made, records)),
  };
}

let rowsSent = false;

async function sendRows(producer: Producer, records: readonly OutgoingRecord[]): Promise<void> {
  await signalAt('rows read');
  for (let sent = 1; sent < records.length; sent += 1)
    if (settings.at === `${sent} sent`) {
      await producer.send(records.slice(0, sent));
      await signalAt(`${sent} sent`);
    }
  await producer.send(records);
  rowsSent = true;
  await signalAt('all acknowledged');
}

async function sendBeat(producer: Producer, records: readonly OutgoingRecord[]): Promise<void> {
  if (rowsSent) await signalAt('rows deleted');
  await producer.send(records);
  if (rowsSent) await signalAt('heartbeat sent');
}

function isBeat(records: readonly OutgoingRecord[]): boolean {
  return records.every(({ headers }) => headers['event-type'] === 'heartbeat');
}

async function signalAt(step: RelayStep): Promise<void> {
  if (settings.at !== step) return;
  settings.at = undefined;
  process.kill(process.pid, settings.signal ?? 'SIGKILL');
  // One that is only frozen goes on, once it thaws, before it hears of anything that happened meanwhile.
  if (settings.signal === undefined) await pause(1_000);
}
