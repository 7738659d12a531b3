import type { Child } from '../local/processes/child-process.ts';
import { secondsSince } from '../local/processes/seconds-since.ts';
import type { Restartable } from '../local/services/service-process.ts';
import { watchFiles } from './watch-files.ts';

const drainMs = 10_000;

type RestartSite = { log: (line: string) => void; shutdown?: AbortSignal | undefined };

export type RestartedOnChange = { name: string; stop(boundMs: number): Promise<void> };

/**
 * Stops a process in order and starts it again with the same ports and settings when a file changes. One that ends by
 * itself or does not start is started again on the next change.
 *
 * @param folders those whose files are watched
 * @param site its log receives a line for each restart, end and failed start; nothing is reported after its shutdown
 */
export function restartOnChange(
  { child: first, relaunch }: Restartable,
  folders: readonly string[],
  { log, shutdown }: RestartSite,
): RestartedOnChange {
  const { name } = first;
  let child = first;
  let changedFile: string | undefined;
  let restarting: Promise<void> | undefined;
  let isStopped = false;
  const isStopping = () => isStopped || shutdown?.aborted === true;

  const reportEnd = async (watched: Child) => {
    await watched.exited;
    if (restarting === undefined && !isStopping() && child === watched)
      log(`${name} ${watched.exitReason()}; the next change starts it again.`);
  };
  const restart = async () => {
    for (; changedFile !== undefined && !isStopping();) {
      log(`${changedFile} changed: restarting ${name} …`);
      changedFile = undefined;
      const startedMs = performance.now();
      await child.stop(drainMs);
      try {
        child = await relaunch();
        log(`${name} is back after ${secondsSince(startedMs)}.`);
        void reportEnd(child);
      } catch (error) {
        if (!isStopping()) log(`${(error as Error).message}\nThe next change starts ${name} again.`);
      }
    }
    restarting = undefined;
  };
  const stopWatching = watchFiles(folders, (file) => {
    changedFile = file;
    restarting ??= restart();
  });
  void reportEnd(child);
  return {
    name,
    stop: async (boundMs) => {
      isStopped = true;
      stopWatching();
      await restarting;
      await child.stop(boundMs);
    },
  };
}
