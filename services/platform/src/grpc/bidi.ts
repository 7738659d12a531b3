import { on } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { withCorrelation } from '../correlation.ts';
import { reportFailure } from '../failures.ts';
import { waitForDrain } from './wait-for-drain.ts';
import type { BidiHandler } from './handler-types.ts';
import { admit, inTrace, readCall, type Guard } from './incoming-call.ts';
import { toStatus } from './status.ts';

type Call = ServerDuplexStream<unknown, unknown>;

/** @param open one controller for each open stream; once it is aborted, the stream reads no more messages */
export function serveBidi(
  open: Set<AbortController>,
  guard: Guard,
  handle: BidiHandler<unknown, unknown>,
): (call: Call) => void {
  return (call) => {
    const statement = readCall(call);
    const answer = async () => {
      const context = await admit(call, statement, guard);
      const send = (response: unknown) => write(call, response);
      return handle({ messages: messagesOf(call, open), send, context });
    };
    const work = () => withCorrelation(statement.correlationId, '', answer);
    void inTrace(call.metadata, work).then(
      () => call.end(),
      (error: unknown) => {
        reportFailure(error);
        call.emit('error', toStatus(error, call.metadata));
      },
    );
  };
}

/** A stream ends at this age, so that its client connects again and may reach another node. */
const streamAgeMaxMs = 3_600_000;

/** Back-pressure: while this many messages wait for the handler, the peer is not read, until a quarter is left. */
const bufferedMax = 64;

/** Ends without an error when the peer disconnects, the stream is old or the server stops. */
async function* messagesOf(call: Call, open: Set<AbortController>): AsyncGenerator<unknown> {
  const ending = new AbortController();
  open.add(ending);
  call.once('cancelled', () => ending.abort());
  if (call.cancelled) ending.abort();
  const aged = setTimeout(() => ending.abort(), streamAgeMaxMs);
  const watermarks = { highWaterMark: bufferedMax, lowWaterMark: bufferedMax / 4 };
  try {
    const events = on(call, 'data', { close: ['end', 'close'], signal: ending.signal, ...watermarks });
    for await (const [message] of events) yield message;
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    clearTimeout(aged);
    open.delete(ending);
  }
}

function write(call: Call, response: unknown): Promise<void> {
  if (call.cancelled || call.write(response)) return Promise.resolve();
  return waitForDrain(call);
}
