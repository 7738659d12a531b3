import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Trained } from '../domain/scoring/train.ts';
import type { Ports } from '../ports.ts';

/** A training takes seconds, during which this process continues to answer. */
export const trainOnThread: Ports['train'] = async (examples, seed) => {
  const worker = new Worker(new URL('./training.thread.ts', import.meta.url), {
    workerData: { examples, seed },
    // A thread that only computes needs no telemetry.
    execArgv: [],
  });
  try {
    // An error on the thread rejects this wait.
    const [trained] = (await once(worker, 'message')) as [Trained];
    return trained;
  } finally {
    await worker.terminate();
  }
};
