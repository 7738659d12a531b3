/** The door to Kafka: nothing outside `kafka/` imports kafkajs. */
export type { KafkaSettings } from './kafka/client.ts';
export { connectKafka, type Kafka } from './kafka/connection.ts';
export type { TopicSpecification } from './kafka/topics.ts';
export type { OutgoingRecord, Producer } from './kafka/producer.ts';
export { consumerOf, type BoundConsumer, type MessageContext } from './kafka/bound-consumer.ts';
export type { Subscription } from './kafka/consumer.ts';
export type { BroadcastReader, IncomingRecord } from './kafka/broadcast.ts';
export type { Position } from './kafka/start-offsets.ts';
export { partitionOf } from './kafka/partition.ts';
export { watchOwnTopic, type OwnTopicReader } from './kafka/own-topic.ts';
export type { StatusVersion } from './kafka/status-version.ts';
export { aheadOf, nextEpoch, publishedVersions } from './kafka/published-versions.ts';
