import { randomBytes } from 'node:crypto';

/**
 * A second listener of the broker: it listens on one port and advertises another, where a test's proxy can cut the
 * connection.
 */
export type ProxiedListener = { listens: number; advertised: number };

/** As `StorageTool random-uuid` prints it: 16 bytes in base64url, which must not begin with a dash. */
export function clusterId(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('base64url');
}

/** The ports of a broker; `distant` is its second listener, if it has one. */
export type BrokerPorts = { port: number; controllerPort: number; distant: ProxiedListener | undefined };

/**
 * The settings of one broker that is its own controller.
 *
 * @param logs the folder of its data
 * @param host the address it listens on; it advertises the loopback
 */
export function brokerSettings(
  logs: string,
  { port, controllerPort, distant }: BrokerPorts,
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
