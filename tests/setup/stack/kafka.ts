import { randomUUID } from 'node:crypto';
import { connectKafka, type Kafka, type KafkaSettings, type TopicSpecification } from '@aeo/platform/kafka';

/** A connection with a prefix of its own, so that no test meets another's topics or groups. */
export function connectTestKafka(brokers: string, settings: Partial<KafkaSettings> = {}): Promise<Kafka> {
  return connectKafka({
    brokers: brokers.split(','),
    administration: `test-${randomUUID()}`,
    clientId: 'tests',
    log: () => undefined,
    ...settings,
  });
}

export function topic(name: string, partitions = 4): TopicSpecification {
  return { name, partitions, compacted: false };
}
