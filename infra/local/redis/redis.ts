import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '../processes/child-process.ts';
import { commandOnPath, unpackDebianPackages, unpackedLibraries } from '../fetch/debian-packages.ts';
import { choosePort, withPorts } from '../processes/ports.ts';
import { listening, startReady } from '../processes/readiness.ts';
import type { StackSite, StartedServer } from '../stack-types.ts';

/** The first version with RESP 3, the protocol of the clients. */
const oldestMajor = 6;

/** Starts redis-server without persistence: it is a cache. */
export async function startRedis(site: StackSite): Promise<StartedServer<Child>> {
  const program = await redisCommand(site);
  return withPorts(async () => startOn(await choosePort('REDIS_PORT'), site, program));
}

type Program = { command: string; env: NodeJS.ProcessEnv };

async function startOn(
  port: number,
  { folders, shutdown }: StackSite,
  { command, env }: Program,
): Promise<StartedServer<Child>> {
  const data = join(folders.data, 'redis');
  mkdirSync(data, { recursive: true });
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    data,
  ];
  const part = await startReady(
    {
      name: 'redis',
      command,
      args,
      env,
      logFile: join(folders.logs, 'redis.log'),
      pidFolder: folders.run,
    },
    listening(port),
    { boundMs: 10_000, shutdown },
  );
  return { address: `redis://127.0.0.1:${port}`, part };
}

/** The machine's own if it is 6 or newer, otherwise Debian's, unpacked without root. */
async function redisCommand(site: StackSite): Promise<Program> {
  const printed = commandOnPath('redis-server', ['--version']);
  if (printed !== undefined && redisMajorOf(printed) >= oldestMajor)
    return { command: 'redis-server', env: {} };
  const title = `Redis ${oldestMajor} or newer`;
  const folder = await unpackDebianPackages(site, { name: 'redis', title, installed: 'redis-server' });
  return { command: join(folder, 'usr/bin/redis-server'), env: unpackedLibraries(folder) };
}

/** The major version in what `redis-server --version` prints, 0 where there is none. */
function redisMajorOf(printed: string): number {
  return Number(/ v=(\d+)\./.exec(printed)?.[1] ?? 0);
}
