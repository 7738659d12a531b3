import { randomBytes } from 'node:crypto';

/**
 * A second door of the broker: it listens on one port and tells clients to come to another, where a test stands
 * between the two and cuts the way.
 */
export type DistantDoor = { listens: number; advertised: number };

/** What `StorageTool random-uuid` prints: 16 bytes in 22 letters, the first of which must not read as an option. */
export function clusterId(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('base64url');
}

/** The ports of a broker; `distant` is its second door, if it has one. */
export type Doors = { port: number; controllerPort: number; distant: DistantDoor | undefined };

/**
 * The settings of one broker that is its own controller.
 *
 * @param logs the folder of its data
 * @param host the address it listens on; clients are told to come to the loopback
 */
export function brokerSettings(
  logs: string,
  { port, controllerPort, distant }: Doors,
  host = '127.0.0.1',
): Record<string, string | number | boolean> {
  const at = (atHost: string, atPort: number | undefined) =>
    atPort === undefined ? '' : `,DISTANT://${atHost}:${atPort}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://127.0.0.1:${controllerPort}${at(host, distant?.listens)}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${at('127.0.0.1', distant?.advertised)}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,DISTANT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': logs,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  };
}
