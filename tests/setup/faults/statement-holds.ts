import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Where a statement is stopped: before the server has it, or when it is done and its answer is on the way back. */
export type Where = 'before' | 'after';

export type Hold = {
  /** Fulfilled when the statement has come so far. */
  reached: Promise<void>;
  /** Lets the statement, or its answer, go on. */
  release(): void;
  /** Ends the connection instead: whoever sent the statement never learns what became of it. */
  drop(): void;
};

export type StatementHolds = {
  port: number;
  /** Stops the next statement of this name on its connection; other connections go on. */
  holdNext(statement: string, where: Where): Hold;
  stop(): Promise<void>;
};

type Armed = { text: Buffer; where: Where; arrive: () => void; ended: Promise<'released' | 'dropped'> };

/** Stands between a service and Postgres and stops single statements, told apart by the names they were prepared under. */
export async function startStatementHolds(target: number): Promise<StatementHolds> {
  const sockets = new Set<Socket>();
  const armed: Armed[] = [];
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      // A process that is killed resets its connections, which is what the tests do to it.
      one.on('error', () => undefined).once('close', () => sockets.delete(one) && other.destroy());
    }
    join(client, upstream, armed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    holdNext: (statement, where) => {
      const arrival = Promise.withResolvers<void>();
      const end = Promise.withResolvers<'released' | 'dropped'>();
      const text = Buffer.from(`${statement}\0`);
      armed.push({ text, where, arrive: arrival.resolve, ended: end.promise });
      const { promise: reached } = arrival;
      return { reached, release: () => end.resolve('released'), drop: () => end.resolve('dropped') };
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function join(client: Socket, upstream: Socket, armed: Armed[]): void {
  let answerHeld: Armed | undefined;
  client.on('data', (bytes: Buffer) => {
    const index = armed.findIndex(({ text }) => bytes.includes(text));
    const [hold] = index < 0 ? [] : armed.splice(index, 1);
    if (hold?.where === 'before') return stopAt(hold, client, upstream, bytes);
    answerHeld = hold ?? answerHeld;
    upstream.write(bytes);
  });
  upstream.on('data', (bytes: Buffer) => {
    const hold = answerHeld;
    answerHeld = undefined;
    if (hold !== undefined) return stopAt(hold, upstream, client, bytes);
    client.write(bytes);
  });
}

function stopAt({ arrive, ended }: Armed, from: Socket, to: Socket, bytes: Buffer): void {
  from.pause();
  arrive();
  void ended.then((how) => {
    if (how === 'dropped') return void from.destroy();
    to.write(bytes);
    from.resume();
  });
}
