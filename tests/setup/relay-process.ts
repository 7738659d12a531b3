import { startOutboxRelay } from '@aeo/platform/outbox-relay';
import { connectTestKafka, topic } from './kafka.ts';

/** A relay in a process of its own, which a test can freeze; its settings are its only argument. */
const { databaseUrl, brokers, administration } = JSON.parse(process.argv[2] ?? '') as Record<
  'databaseUrl' | 'brokers' | 'administration',
  string
>;
const kafka = await connectTestKafka(brokers, { administration });
const relay = startOutboxRelay({
  databaseUrl,
  createProducer: () => kafka.producer(),
  heartbeats: { topics: [topic('events')], encode: (asOf) => Buffer.from(asOf.toISOString()) },
  log: () => undefined,
});
process.once('SIGTERM', () => void relay.stop().then(() => kafka.stop()));
