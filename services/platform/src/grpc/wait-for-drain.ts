import type { EventEmitter } from 'node:events';

const waiting = new WeakMap<EventEmitter, Promise<void>>();

/** Waits until a stream accepts more, or is cancelled. The stream has one listener for all that wait. */
export function waitForDrain(stream: EventEmitter): Promise<void> {
  const before = waiting.get(stream);
  if (before !== undefined) return before;
  const wait = new Promise<void>((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('cancelled', done);
      waiting.delete(stream);
      resolve();
    };
    stream.once('drain', done);
    stream.once('cancelled', done);
  });
  waiting.set(stream, wait);
  return wait;
}
