import { AppError } from '../errors.ts';

export type MessageContext = {
  eventId: string;
  eventType: string;
  key: string;
  topic: string;
  partition: number;
  offset: bigint;
  occurredAt: Date;
  correlationId: string;
};

/** One topic and the handler of its messages. A handler is idempotent: it receives some messages twice. */
export type Consumer<Message> = {
  topic: string;
  decode(value: Uint8Array): Message;
  handle(message: Message, context: MessageContext): Promise<void>;
  /** Records of these event types are skipped, heartbeats for example. */
  ignoredEventTypes?: readonly string[];
};

/** A consumer without its message type, so that consumers of different messages fit in one list. */
export type BoundConsumer = {
  topic: string;
  ignoredEventTypes: readonly string[];
  handle(value: Uint8Array, context: MessageContext): Promise<void>;
};

export function consumerOf<Message>(consumer: Consumer<Message>): BoundConsumer {
  return {
    topic: consumer.topic,
    ignoredEventTypes: consumer.ignoredEventTypes ?? [],
    handle: (value, about) => consumer.handle(decode(consumer, value), about),
  };
}

function decode<Message>(consumer: Consumer<Message>, value: Uint8Array): Message {
  try {
    return consumer.decode(value);
  } catch (error) {
    throw new AppError('invalid', 'BODY_MALFORMED', 'the record cannot be decoded', { cause: error });
  }
}
