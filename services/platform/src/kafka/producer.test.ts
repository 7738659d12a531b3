import { expect, test } from 'vitest';
import { renewedProducer, type Producer } from './producer.ts';

const record = { topic: 't', key: 'k', value: Buffer.alloc(0), headers: {} };

/** Producers of which the first fails once; each notes what becomes of it. */
function factory() {
  const made: { sent: number; stopped: boolean }[] = [];
  const create = (): Promise<Producer> => {
    const state = { sent: 0, stopped: false };
    made.push(state);
    const fails = made.length === 1;
    return Promise.resolve({
      name: 'fake',
      send: () => {
        state.sent += 1;
        return fails ? Promise.reject(new Error('timed out')) : Promise.resolve();
      },
      stop: () => Promise.resolve(void (state.stopped = true)),
    });
  };
  return { made, create };
}

test('no producer is created before the first record', async () => {
  const { made, create } = factory();
  await renewedProducer(create).stop();
  expect(made).toEqual([]);
});

test('a producer that failed is ended and never used again', async () => {
  const { made, create } = factory();
  const producer = renewedProducer(create);
  const outcome = () =>
    producer.send([record]).then(
      () => 'sent',
      () => 'refused',
    );
  expect([await outcome(), await outcome(), await outcome()]).toEqual(['refused', 'sent', 'sent']);
  expect(made).toEqual([
    { sent: 1, stopped: true },
    { sent: 2, stopped: false },
  ]);
  await producer.stop();
  expect(made[1]?.stopped).toBe(true);
});

test('a producer whose creation failed is created again', async () => {
  let attempts = 0;
  const { create } = factory();
  await create();
  const producer = renewedProducer(() => {
    attempts += 1;
    return attempts === 1 ? Promise.reject(new Error('no broker')) : create();
  });
  await expect(producer.send([record])).rejects.toThrow('no broker');
  await producer.send([record]);
  expect(attempts).toBe(2);
});
