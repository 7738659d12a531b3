import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Part } from '../processes/child-process.ts';
import { unlessShutdown } from '../processes/shutdown.ts';
import { lastLogWords } from '../processes/readiness.ts';
import type { ContainerSpec, Engine } from './engine.ts';

const failedStopMs = 2_000;
const lastWordsMs = 1_000;

export type ContainerSite = { engine: Engine; owner: string; logFile: string; ending: AbortSignal };

/**
 * Starts a container and waits until what runs in it answers; one that does not is removed.
 *
 * @param answers fails as long as it does not
 * @throws Error with the end of its log, or the ending's reason when that comes first
 */
export async function startContainer(
  { engine, owner, logFile, ending }: ContainerSite,
  spec: ContainerSpec,
  answers: () => Promise<void>,
  boundMs: number,
): Promise<Part> {
  await unlessShutdown(ending, engine.pull(spec.image));
  ending.throwIfAborted();
  // Short, and not to be left half done: a container that nobody knows of would stay.
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
    // Its last words are wanted with the news of its end.
    .then(() => Promise.race([written, delay(lastWordsMs)]));
  const part: Part = {
    name: spec.name,
    logFile,
    exited,
    ending: () => (exitCode === undefined ? undefined : `ended with ${exitCode}`),
    stop: remove,
  };
  try {
    await untilAnswers(part, answers, boundMs, ending);
    return part;
  } catch (error) {
    await remove(failedStopMs);
    throw error;
  }
}

async function untilAnswers(
  part: Part,
  answers: () => Promise<void>,
  boundMs: number,
  ending: AbortSignal,
): Promise<void> {
  const endMs = Date.now() + boundMs;
  while (
    !(await answers().then(
      () => true,
      () => false,
    ))
  ) {
    ending.throwIfAborted();
    const cause = part.ending() ?? (Date.now() > endMs ? `no answer in ${boundMs} ms` : undefined);
    if (part.ending() !== undefined) await part.exited;
    if (cause !== undefined) throw new Error(`${part.name} did not start (${cause}).${lastLogWords(part)}`);
    await delay(100);
  }
}
