import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Part } from '../processes/child-process.ts';
import { unlessShutdown } from '../processes/shutdown.ts';
import { untilReady } from '../processes/readiness.ts';
import type { ContainerSpec, Engine } from './engine.ts';

const failedStopMs = 2_000;
const logFlushMs = 1_000;

export type ContainerSite = { engine: Engine; owner: string; logFile: string; shutdown: AbortSignal };

/**
 * Starts a container and waits until its server answers; one that does not is removed.
 *
 * @param answers rejects as long as the server does not answer
 * @throws Error with the end of its log, or the shutdown's reason when that comes first
 */
export async function startContainer(
  { engine, owner, logFile, shutdown }: ContainerSite,
  spec: ContainerSpec,
  answers: () => Promise<void>,
  boundMs: number,
): Promise<Part> {
  await unlessShutdown(shutdown, engine.pull(spec.image));
  shutdown.throwIfAborted();
  // Not cancelled half-way: a container that nothing records would stay.
  const { logs, ended, remove } = await engine.run(spec, owner);
  const log = createWriteStream(logFile, { flags: 'a' });
  logs.pipe(log);
  await once(log, 'open');
  let exitCode: number | undefined;
  const written = finished(log).catch(() => undefined);
  const exited = ended
    .then(
      (code) => void (exitCode = code),
      () => void (exitCode = -1),
    )
    // The report of its end quotes its log.
    .then(() => Promise.race([written, delay(logFlushMs)]));
  const part: Part = {
    name: spec.name,
    logFile,
    exited,
    exitReason: () => (exitCode === undefined ? undefined : `ended with ${exitCode}`),
    stop: remove,
  };
  try {
    await untilReady(part, () => answers().then(yes, no), { boundMs, shutdown });
    return part;
  } catch (error) {
    await remove(failedStopMs);
    throw error;
  }
}

const yes = () => true;
const no = () => false;
