import { startForwarder } from './forwarder.ts';

/** A proxy before Postgres that lets a test act between two statements of a client. */
export type StatementProxy = {
  /** A database address that leads through the proxy. */
  url: string;
  stop(): Promise<void>;
};

/** @param before awaited before each message of a client is passed on; its text contains the names of prepared statements */
export async function startStatementProxy(
  databaseUrl: string,
  before: (text: string) => Promise<void>,
): Promise<StatementProxy> {
  const forwarder = await startForwarder(Number(new URL(databaseUrl).port), (client, upstream) => {
    let order = Promise.resolve();
    client.on('data', (bytes) => {
      order = order.then(() => before(bytes.toString('latin1'))).then(() => void upstream.write(bytes));
    });
    upstream.pipe(client);
  });
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(forwarder.port);
  return {
    url: url.href,
    stop: () => forwarder.stop(),
  };
}
