import type { Socket } from 'node:net';
import { startForwarder } from './forwarder.ts';

/** Where a statement is stopped: before the server receives it, or when its answer is on the way back. */
type HoldPoint = 'before' | 'after';

type Hold = {
  /** Fulfilled when the statement has reached the point. */
  reached: Promise<void>;
  /** Lets the statement, or its answer, continue. */
  release(): void;
  /** Closes the connection instead: the client never learns the outcome of the statement. */
  drop(): void;
};

export type StatementHolds = {
  port: number;
  /** Stops the next statement of this name on its connection; other connections continue. */
  holdNext(statement: string, where: HoldPoint): Hold;
  stop(): Promise<void>;
};

type Armed = { text: Buffer; where: HoldPoint; arrive: () => void; ended: Promise<'released' | 'dropped'> };

/** A proxy between a service and Postgres that stops single prepared statements by their names. */
export async function startStatementHolds(target: number): Promise<StatementHolds> {
  const armed: Armed[] = [];
  const forwarder = await startForwarder(target, (client, upstream) => join(client, upstream, armed));
  return {
    port: forwarder.port,
    holdNext: (statement, where) => {
      const arrival = Promise.withResolvers<void>();
      const end = Promise.withResolvers<'released' | 'dropped'>();
      const text = Buffer.from(`${statement}\0`);
      armed.push({ text, where, arrive: arrival.resolve, ended: end.promise });
      const { promise: reached } = arrival;
      return { reached, release: () => end.resolve('released'), drop: () => end.resolve('dropped') };
    },
    stop: () => forwarder.stop(),
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
