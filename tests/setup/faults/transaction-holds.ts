import type { Socket } from 'node:net';
import { startForwarder } from './forwarder.ts';

/** The point at which a transaction on an operator is stopped. */
export type Moment =
  | 'before its first read'
  | 'holding the row lock'
  | 'after its first write'
  | 'before the commit'
  /** Committed, and the service does not know it yet. */
  | 'after the commit'
  /** Committed, the service knows it, and the caller does not. */
  | 'before the answer';

type Stop = { statement: string; where: 'before' | 'after' };

const stops: Readonly<Record<Moment, Stop>> = {
  'before its first read': { statement: 'operator-lock', where: 'before' },
  'holding the row lock': { statement: 'operator-lock', where: 'after' },
  'after its first write': { statement: 'operator-write', where: 'after' },
  'before the commit': { statement: 'COMMIT', where: 'before' },
  'after the commit': { statement: 'COMMIT', where: 'after' },
  // A separate statement, on any connection.
  'before the answer': { statement: 'now', where: 'before' },
};

export type TransactionHold = {
  /** Fulfilled when the transaction has reached the moment; it is held there. */
  reached: Promise<void>;
  /** Lets it continue, or pass where it has not reached the moment yet. */
  release(): void;
  /** Closes the connections: the caller is dead. */
  drop(): void;
};

export type TransactionHolds = {
  port: number;
  /** Stops the next transaction on an operator; others continue. */
  holdNext(operatorId: string, moment: Moment): TransactionHold;
  stop(): Promise<void>;
};

type Armed = { operatorId: string; stop: Stop; arrive: () => void; ended: Promise<'released' | 'dropped'> };
type Waiting = { armed: Armed[]; answers: Armed[] };

/** A proxy between a registry and Postgres that stops transactions by the operator whose row they lock. */
export async function startTransactionHolds(target: number): Promise<TransactionHolds> {
  const waiting: Waiting = { armed: [], answers: [] };
  const forwarder = await startForwarder(target, (client, upstream) => join(client, upstream, waiting));
  return {
    port: forwarder.port,
    holdNext: (operatorId, moment) => {
      const arrival = Promise.withResolvers<void>();
      const end = Promise.withResolvers<'released' | 'dropped'>();
      const one = {
        operatorId,
        stop: stops[moment],
        arrive: arrival.resolve,
        ended: end.promise,
      };
      waiting.armed.push(one);
      const settle = (how: 'released' | 'dropped') => () => {
        waiting.armed = waiting.armed.filter((each) => each !== one);
        waiting.answers = waiting.answers.filter((each) => each !== one);
        end.resolve(how);
      };
      return { reached: arrival.promise, release: settle('released'), drop: settle('dropped') };
    },
    stop: () => forwarder.stop(),
  };
}

function join(client: Socket, upstream: Socket, waiting: Waiting): void {
  let own: Armed | undefined;
  let answersTo: Armed | undefined;
  const received: Buffer[] = [];
  const forward = async (message: Buffer) => {
    const statement = statementIn(message);
    if (statement === 'operator-lock') own = taken(waiting, message) ?? own;
    const hold = statement === 'now' ? waiting.answers.shift() : own;
    if (hold !== undefined && hold.stop.statement === statement) {
      own = undefined;
      if (hold.stop.where === 'after') answersTo = hold;
      else {
        hold.arrive();
        if ((await hold.ended) === 'dropped') return void upstream.destroy();
      }
    } else if (statement === 'COMMIT') {
      if (own?.stop.statement === 'now') waiting.answers.push(own);
      own = undefined;
    }
    upstream.write(message);
  };
  let order = Promise.resolve();
  readAsked(client, (message) => {
    order = order.then(() => forward(message));
  });
  upstream.on('data', (bytes: Buffer) => {
    if (answersTo === undefined) return void client.write(bytes);
    received.push(bytes);
    if (!isWhole(Buffer.concat(received))) return;
    const hold = answersTo;
    answersTo = undefined;
    hold.arrive();
    void hold.ended.then((how) => {
      const answer = Buffer.concat(received.splice(0));
      if (how === 'dropped') client.destroy();
      else client.write(answer);
    });
  });
}

/** The hold on the operator whose row the statement locks. */
function taken(waiting: Waiting, message: Buffer): Armed | undefined {
  const found = waiting.armed.find(({ operatorId }) => message.includes(operatorId));
  waiting.armed = waiting.armed.filter((each) => each !== found);
  return found;
}

const [bind, query, sync] = ['B', 'Q', 'S'].map((letter) => letter.charCodeAt(0));

/**
 * Passes a client's messages on one statement at a time, up to the message after which the server answers. The first
 * message of a connection has no letter (PostgreSQL, "Message Flow"); messages before the first statement are passed on
 * one by one.
 */
function readAsked(client: Socket, onAsked: (message: Buffer) => void): void {
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
      // A prepared statement takes several messages: parse, bind, describe, execute, sync.
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

/** The name of a prepared statement, or the text of a simple query. */
function statementIn(message: Buffer): string | undefined {
  if (message[0] === query) return textAt(message, 5);
  for (let at = 0; at + 5 < message.length; at += 1 + message.readUInt32BE(at + 1)) {
    if (message[at] !== bind) continue;
    const portal = textAt(message, at + 5);
    return textAt(message, at + 5 + portal.length + 1);
  }
  return undefined;
}

function textAt(bytes: Buffer, start: number): string {
  return bytes.toString('latin1', start, bytes.indexOf(0, start));
}

/** Whether an answer is complete: it ends with the server's message that it is ready for the next statement. */
function isWhole(answer: Buffer): boolean {
  const end = answer.subarray(-6);
  return end.length === 6 && end.toString('latin1', 0, 5) === 'Z\0\0\0\x05';
}
