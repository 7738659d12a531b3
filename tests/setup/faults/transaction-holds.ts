import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** How far a transaction on an operator has come when it is stopped. */
export type Moment =
  | 'before its first look'
  | 'holding the row'
  | 'with its first writes'
  | 'before the commit'
  /** Done, and the service does not know. */
  | 'after the commit'
  /** Done, the service knows, and whoever asked does not. */
  | 'before the answer';

type Stop = { statement: string; where: 'before' | 'after' };

const stops: Readonly<Record<Moment, Stop>> = {
  'before its first look': { statement: 'operator-lock', where: 'before' },
  'holding the row': { statement: 'operator-lock', where: 'after' },
  'with its first writes': { statement: 'operator-write', where: 'after' },
  'before the commit': { statement: 'COMMIT', where: 'before' },
  'after the commit': { statement: 'COMMIT', where: 'after' },
  // A statement of its own, on any connection.
  'before the answer': { statement: 'now', where: 'before' },
};

export type TransactionHold = {
  /** Fulfilled when the transaction has come so far; it stays there. */
  reached: Promise<void>;
  /** Lets it go on, or pass where it has not come so far. */
  release(): void;
  /** Nothing of it goes on: whoever asked is dead. */
  drop(): void;
};

export type TransactionHolds = {
  port: number;
  /** Stops the next transaction on an operator; others go on. */
  holdNext(operatorId: string, moment: Moment): TransactionHold;
  stop(): Promise<void>;
};

type Armed = { operatorId: string; stop: Stop; arrive: () => void; released: Promise<'goes on' | 'dropped'> };
type Waiting = { armed: Armed[]; answers: Armed[] };

/** Stands between a registry and Postgres, and stops transactions by whose row they take. */
export async function startTransactionHolds(target: number): Promise<TransactionHolds> {
  const sockets = new Set<Socket>();
  const waiting: Waiting = { armed: [], answers: [] };
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      // A process that is killed resets its connections; the server then ends what it has begun there.
      one.on('error', () => undefined).once('close', () => sockets.delete(one) && other.destroy());
    }
    join(client, upstream, waiting);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    holdNext: (operatorId, moment) => {
      const arrival = Promise.withResolvers<void>();
      const end = Promise.withResolvers<'goes on' | 'dropped'>();
      const one = {
        operatorId,
        stop: stops[moment],
        arrive: arrival.resolve,
        released: end.promise,
      };
      waiting.armed.push(one);
      const settle = (how: 'goes on' | 'dropped') => () => {
        waiting.armed = waiting.armed.filter((each) => each !== one);
        waiting.answers = waiting.answers.filter((each) => each !== one);
        end.resolve(how);
      };
      return { reached: arrival.promise, release: settle('goes on'), drop: settle('dropped') };
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function join(client: Socket, upstream: Socket, waiting: Waiting): void {
  let own: Armed | undefined;
  let answersTo: Armed | undefined;
  const received: Buffer[] = [];
  const forward = async (asked: Buffer) => {
    const statement = statementIn(asked);
    if (statement === 'operator-lock') own = taken(waiting, asked) ?? own;
    const hold = statement === 'now' ? waiting.answers.shift() : own;
    if (hold !== undefined && hold.stop.statement === statement) {
      own = undefined;
      if (hold.stop.where === 'after') answersTo = hold;
      else {
        hold.arrive();
        if ((await hold.released) === 'dropped') return void upstream.destroy();
      }
    } else if (statement === 'COMMIT') {
      if (own?.stop.statement === 'now') waiting.answers.push(own);
      own = undefined;
    }
    upstream.write(asked);
  };
  let order = Promise.resolve();
  readAsked(client, (asked) => {
    order = order.then(() => forward(asked));
  });
  upstream.on('data', (bytes: Buffer) => {
    if (answersTo === undefined) return void client.write(bytes);
    received.push(bytes);
    if (!isWhole(Buffer.concat(received))) return;
    const hold = answersTo;
    answersTo = undefined;
    hold.arrive();
    void hold.released.then((how) => {
      const answer = Buffer.concat(received.splice(0));
      if (how === 'dropped') client.destroy();
      else client.write(answer);
    });
  });
}

/** The hold on the operator whose row is asked for. */
function taken(waiting: Waiting, asked: Buffer): Armed | undefined {
  const found = waiting.armed.find(({ operatorId }) => asked.includes(operatorId));
  waiting.armed = waiting.armed.filter((each) => each !== found);
  return found;
}

const [bind, query, sync] = ['B', 'Q', 'S'].map((letter) => letter.charCodeAt(0));

/**
 * Hands on what a client asks, one statement at a time: messages up to the one after which the server answers. The first
 * message of a connection has no letter (PostgreSQL, "Message Flow"); what comes before the first statement is handed on
 * message by message.
 */
function readAsked(client: Socket, onAsked: (asked: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  let end = 0;
  let isStarted = false;
  client.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const lengthAt = isStarted ? end + 1 : 0;
      if (rest.length < lengthAt + 4) return;
      const next = lengthAt + rest.readUInt32BE(lengthAt);
      if (rest.length < next) return;
      const letter = isStarted ? rest[end] : undefined;
      end = next;
      isStarted = true;
      // Of a statement that was prepared there come several: parse, bind, describe, execute, sync.
      if (letter !== undefined && letter !== sync && letter !== query && isOfStatement(letter)) continue;
      onAsked(rest.subarray(0, end));
      rest = rest.subarray(end);
      end = 0;
    }
  });
}

function isOfStatement(letter: number): boolean {
  return 'PBDECH'.includes(String.fromCharCode(letter));
}

/** The name a statement was prepared under, or the text of one that was not. */
function statementIn(asked: Buffer): string | undefined {
  if (asked[0] === query) return textAt(asked, 5);
  for (let at = 0; at + 5 < asked.length; at += 1 + asked.readUInt32BE(at + 1)) {
    if (asked[at] !== bind) continue;
    const portal = textAt(asked, at + 5);
    return textAt(asked, at + 5 + portal.length + 1);
  }
  return undefined;
}

function textAt(bytes: Buffer, start: number): string {
  return bytes.toString('latin1', start, bytes.indexOf(0, start));
}

/** Whether an answer has come to its end, at which the server says that it is ready for the next statement. */
function isWhole(answer: Buffer): boolean {
  const end = answer.subarray(-6);
  return end.length === 6 && end.toString('latin1', 0, 5) === 'Z\0\0\0\x05';
}
