import { parentPort, workerData } from 'node:worker_threads';
import { train } from '../domain/scoring/train.ts';
import type { StoredExample } from '../ports.ts';

const { examples, seed } = workerData as { examples: StoredExample[]; seed: number };
parentPort?.postMessage(train(examples, seed));
