import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** When a member of a group can be met at a record: around the transaction of its effect, or in it before the commit. */
export type ConsumerMoment = 'before' | 'inside' | 'after';

export type ConsumerProcessSettings = {
  databaseUrl: string;
  brokers: string;
  administration: string;
  topic: string;
  group: string;
  /** The moment and the value at which it gives itself the signal: nowhere unless given, SIGKILL unless given. */
  at?: `${ConsumerMoment} ${string}` | undefined;
  signal?: NodeJS.Signals;
};

const program = fileURLToPath(new URL('consumer-main.ts', import.meta.url));

export function startConsumerProcess(settings: ConsumerProcessSettings): ChildProcess {
  return spawn(process.execPath, [program, JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
