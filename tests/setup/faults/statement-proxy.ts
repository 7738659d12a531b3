import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** Stands before Postgres and lets a test act between two statements of a client. */
export type StatementProxy = {
  /** A database address that leads through the proxy. */
  url: string;
  stop(): Promise<void>;
};

/** @param before awaited before each message of a client goes on; names of prepared statements stand in its text */
export async function startStatementProxy(
  databaseUrl: string,
  before: (text: string) => Promise<void>,
): Promise<StatementProxy> {
  const { port, hostname } = new URL(databaseUrl);
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let order = Promise.resolve();
    client.on('data', (bytes) => {
      order = order.then(() => before(bytes.toString('latin1'))).then(() => void upstream.write(bytes));
    });
    upstream.pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => undefined).once('close', () => other.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    stop: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
