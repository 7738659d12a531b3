import { randomUUID } from 'node:crypto';
import type { SealedHead } from '@aeo/platform/proof';
import {
  clearanceControl,
  clearanceDecision,
  common,
  declaration,
  exchangeStatus,
  heartbeatEventType,
  registryStatus,
  topics,
} from '@aeo/proto';
import { Kafka, logLevel, type EachBatchPayload, type KafkaMessage } from 'kafkajs';
import type { TopicDecision, TopicRecord, TopicsState } from './audited-state.ts';
import { hashOf } from './transcript.ts';

/** The handler of each topic's records; dead letters are only counted. */
const handlers: Record<string, (into: TopicsState, record: TopicRecord<Buffer>) => void> = {
  [topics.operatorStatus.name]: (into, record) =>
    into.operators.push(read(record, (value) => registryStatus.OperatorStatus.decode(value))),
  [topics.partnerStatus.name]: (into, record) =>
    into.partners.push(read(record, (value) => exchangeStatus.PartnerStatus.decode(value))),
  [topics.decision.name]: (into, record) =>
    into.decisions.push(read(record, (value) => clearanceDecision.Decision.decode(value), slimDecision)),
  [topics.control.name]: (into, record) =>
    into.controls.push(read(record, (value) => clearanceControl.ControlResult.decode(value))),
  [topics.declarationLodged.name]: (into, record) =>
    into.lodged.push(read(record, (value) => declaration.DeclarationLodged.decode(value), slimLodged)),
  ...Object.fromEntries(
    [topics.registryHead, topics.exchangeHead, topics.clearanceHead].map(({ name }) => [
      name,
      (into: TopicsState, record: TopicRecord<Buffer>) =>
        into.heads.push(read(record, (value) => common.SealedHead.decode(value), sealedHead)),
    ]),
  ),
};

function read<Message, Value = Message>(
  record: TopicRecord<Buffer>,
  decode: (value: Buffer) => Message,
  slim: (message: Message) => Value = (message) => message as unknown as Value,
): TopicRecord<Value> {
  try {
    const { value } = record;
    // None of these topics has tombstones: an empty value is unreadable.
    return { ...record, value: value === undefined || value.length === 0 ? undefined : slim(decode(value)) };
  } catch {
    return { ...record, value: undefined };
  }
}

function slimDecision(decision: clearanceDecision.Decision): TopicDecision {
  const { declarationId, version, revision, lane, declaredOn } = decision;
  return { declarationId, version, revision, lane, declaredOn };
}

function slimLodged({ declaration: lodged }: declaration.DeclarationLodged) {
  return { declarationId: lodged?.declarationId ?? '', version: lodged?.version ?? 0 };
}

function sealedHead({ sealedAt, ...head }: common.SealedHead): SealedHead {
  return {
    ...head,
    root: Buffer.from(head.root),
    previousHash: Buffer.from(head.previousHash),
    signature: Buffer.from(head.signature),
    sealedAt: sealedAt ?? new Date(0),
  };
}

const boundMs = 60_000;

/**
 * Reads an administration's topics from their beginning to the present high watermarks. Compaction leaves gaps, so a
 * partition is complete when its last offset, or a later one, was passed. Topics that do not exist count as empty.
 */
export async function readTopics(brokers: string, administration: string): Promise<TopicsState> {
  const kafka = new Kafka({ clientId: 'auditor', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const prefix = `${administration}.`;
  const into: TopicsState = {
    operators: [],
    partners: [],
    decisions: [],
    controls: [],
    lodged: [],
    heads: [],
    deadLetters: [],
  };
  const ends = await watermarks(kafka, prefix);
  if (ends.size > 0)
    await readUpTo(kafka, ends, (topic, partition, message) =>
      handle(into, recordOf(topic.slice(prefix.length), partition, message), message),
    );
  return into;
}

function handle(into: TopicsState, record: TopicRecord<Buffer>, { headers }: KafkaMessage): void {
  if (headers?.['event-type']?.toString() === heartbeatEventType) return;
  if (record.topic.endsWith('.dlq')) into.deadLetters.push({ topic: record.topic, key: record.key });
  else handlers[record.topic]?.(into, record);
}

function recordOf(topic: string, partition: number, message: KafkaMessage): TopicRecord<Buffer> {
  const value = message.value ?? undefined;
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key?.toString() ?? '',
    sentAt: Number(message.timestamp),
    eventId: message.headers?.['event-id']?.toString() ?? '',
    value,
    hash: value === undefined ? '' : hashOf(value),
  };
}

/** Partitions with records, by topic and number, with the offset after the last record. */
async function watermarks(kafka: Kafka, prefix: string): Promise<Map<string, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const wanted = new Set(Object.keys(handlers).flatMap((name) => [prefix + name, `${prefix}${name}.dlq`]));
    const present = (await admin.listTopics()).filter((topic) => wanted.has(topic));
    const ends = new Map<string, bigint>();
    for (const topic of present) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
        if (BigInt(high) > BigInt(low)) ends.set(slotOf(topic, partition), BigInt(high));
    }
    return ends;
  } finally {
    await admin.disconnect();
  }
}

const slotOf = (topic: string, partition: number) => `${topic}/${partition}`;

type OnMessage = (topic: string, partition: number, message: KafkaMessage) => void;

async function readUpTo(kafka: Kafka, ends: Map<string, bigint>, onMessage: OnMessage): Promise<void> {
  const names = [...new Set([...ends.keys()].map((slot) => slot.slice(0, slot.lastIndexOf('/'))))];
  const consumer = kafka.consumer({ groupId: `auditor.${randomUUID()}`, maxWaitTimeInMs: 100 });
  const next = new Map<string, bigint>();
  const complete = Promise.withResolvers<void>();
  const timer = setTimeout(() => complete.reject(new Error('the topics are not read in 60 s')), boundMs);
  const eachBatch = (payload: EachBatchPayload) => {
    const { batch } = payload;
    const slot = slotOf(batch.topic, batch.partition);
    const end = ends.get(slot);
    if (end === undefined || payload.isStale()) return Promise.resolve();
    for (const message of batch.messages) {
      const offset = BigInt(message.offset);
      // After a rebalance the reading begins again at the beginning.
      if (offset < (next.get(slot) ?? 0n) || offset >= end) continue;
      next.set(slot, offset + 1n);
      onMessage(batch.topic, batch.partition, message);
    }
    if (BigInt(batch.lastOffset()) + 1n >= end) ends.delete(slot);
    if (ends.size === 0) complete.resolve();
    return Promise.resolve();
  };
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: names, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch });
    await complete.promise;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}
