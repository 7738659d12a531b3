/** The outbox: rows that a transaction writes beside its change, and the relay that publishes them. */
export {
  outboxRows,
  outboxWriter,
  type AppendOutbox,
  type OutboxEvent,
  type OutboxRow,
} from './outbox/append.ts';
export { startOutboxRelay } from './outbox/relay.ts';
