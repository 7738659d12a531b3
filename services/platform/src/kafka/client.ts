import kafkajs from 'kafkajs';
import { toAppError } from '../errors.ts';

/** Receives the log entries of the Kafka client; a healthy run logs nothing above `warn`. */
export type KafkaLog = (level: 'warn' | 'error', message: string, fields: Record<string, unknown>) => void;

export type KafkaSettings = {
  brokers: string[];
  /** The prefix of topics and groups; no other code sees it. */
  administration: string;
  clientId: string;
  /** Copies of each topic that is created; absent: three, or as many as there are brokers. */
  replication?: number | undefined;
  log: KafkaLog;
};

/** What is not reading at present, and for how long. */
export type ReaderHealth = {
  name: string;
  /** How long it has not been reading because of a failure; 0 while it reads. */
  downSeconds(): number;
};

/** What producers, consumers and topics share: one client of kafkajs with its admin connection. */
export type KafkaClient = {
  kafkajs: kafkajs.Kafka;
  admin: kafkajs.Admin;
  prefix: string;
  clientId: string;
  replication: number | undefined;
  log: KafkaLog;
  /** All readers that run at present. */
  readers: Set<ReaderHealth>;
};

/**
 * Connects to the brokers.
 *
 * @throws AppError `unavailable` when no broker answers
 */
export async function connectClient(settings: KafkaSettings): Promise<KafkaClient> {
  const { brokers, clientId, replication, log } = settings;
  const client = new kafkajs.Kafka({
    brokers,
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 2_000 },
    logCreator: () => forward(log),
  });
  const admin = client.admin();
  await admin.connect().catch((error: unknown) => {
    throw kafkaError(error);
  });
  return {
    kafkajs: client,
    admin,
    prefix: `${settings.administration}.`,
    clientId,
    replication,
    log,
    readers: new Set(),
  };
}

// kafkajs logs errors that it then retries itself (a coordinator that is loading, for example).
function forward(log: KafkaLog): (entry: kafkajs.LogEntry) => void {
  return ({ level, namespace, log: entry }) => {
    if (level <= kafkajs.logLevel.WARN) log('warn', entry.message, { ...entry, namespace });
  };
}

/** An error of kafkajs is `unavailable`: brokers that cannot be reached, or not now. */
export function kafkaError(error: unknown): Error {
  if (!(error instanceof kafkajs.KafkaJSError)) return toAppError(error);
  return toAppError(Object.assign(new Error(error.message, { cause: error }), { code: 'ECONNRESET' }));
}
