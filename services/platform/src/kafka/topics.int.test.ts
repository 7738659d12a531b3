import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connectTestKafka, topic } from '../../../../tests/setup/stack/kafka.ts';
import type { Kafka } from '../kafka.ts';

const administration = `test-${randomUUID()}`;
let kafka: Kafka;
beforeAll(
  async () => void (kafka = await connectTestKafka(inject('stack').kafkaBrokers, { administration })),
);
afterAll(() => kafka.stop());

test('a topic with another number of partitions than declared prevents the start', async () => {
  await kafka.ensureTopics([topic('fixed', 4)]);
  await kafka.ensureTopics([topic('fixed', 4)]);
  await expect(kafka.ensureTopics([topic('fixed', 6)])).rejects.toThrow(
    'has 4 partitions where 6 are declared',
  );
});

test('dead letters are kept for thirty days', async () => {
  await kafka.ensureTopics([topic('kept')]);
  const brokers = inject('stack').kafkaBrokers.split(',');
  const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [
      {
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: `${administration}.kept.dlq`,
        configNames: ['retention.ms'],
      },
    ],
  });
  await admin.disconnect();
  expect(resources[0]?.configEntries).toMatchObject([
    { configName: 'retention.ms', configValue: '2592000000' },
  ]);
});

test('more copies than there are brokers prevent the start', async () => {
  const settings = { administration: `test-${randomUUID()}`, replication: 3 };
  const careful = await connectTestKafka(inject('stack').kafkaBrokers, settings);
  await expect(careful.ensureTopics([topic('thrice')])).rejects.toThrow(/replication/i);
  await careful.stop();
});
