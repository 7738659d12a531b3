import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TopicSpecification } from '@aeo/platform/kafka';

/** Where in a batch a relay of a process of its own can be met, in the order in which it comes by. */
export type RelayStep =
  'lock held' | 'rows read' | `${number} sent` | 'all acknowledged' | 'rows deleted' | 'heartbeat sent';

export type RelayProcessSettings = {
  databaseUrl: string;
  brokers: string;
  administration: string;
  /** The topic it sends heartbeats to: `events` unless given. */
  topic?: TopicSpecification;
  /** Where it gives itself the signal: nowhere unless given, SIGKILL unless given. */
  at?: RelayStep | undefined;
  signal?: NodeJS.Signals;
};

const program = fileURLToPath(new URL('relay-main.ts', import.meta.url));

export function startRelayProcess(settings: RelayProcessSettings): ChildProcess {
  return spawn(process.execPath, [program, JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
