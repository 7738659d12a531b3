import type { KafkaMessage } from 'kafkajs';
import type { AppError } from '../errors.ts';
import type { KafkaClient } from './client.ts';
import { readHeaders } from './headers.ts';
import { createProducer, renewedProducer, type Producer } from './producer.ts';
import { deadLetterTopic } from './topics.ts';

export type DeadLetters = {
  /** Writes a record, with the reason, to the dead-letter topic. Throws `unavailable` when the broker refuses it. */
  add(topic: string, partition: number, message: KafkaMessage, failure: AppError): Promise<void>;
  stop(): Promise<void>;
};

/** Most consumers have no dead letter ever, so the producer is created for the first one. */
export function createDeadLetters(client: KafkaClient): DeadLetters {
  const producer: Producer = renewedProducer(() => createProducer(client));
  return {
    add: async (topic, partition, message, failure) => {
      const plain = topic.slice(client.prefix.length);
      const origin = {
        'dlq-topic': plain,
        'dlq-partition': String(partition),
        'dlq-offset': message.offset,
      };
      const headers = { ...readHeaders(message.headers), ...origin, 'dlq-reason': failure.reason };
      const key = message.key?.toString() ?? '';
      const value = message.value ?? Buffer.alloc(0);
      await producer.send([{ topic: deadLetterTopic(plain), key, value, headers }]);
      client.log('warn', 'record set aside', { ...origin, reason: failure.reason });
    },
    stop: () => producer.stop(),
  };
}
