import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '../processes/child-process.ts';
import { commandOnPath, unpackDebianPackages, unpackedLibraries } from '../fetch/debian-packages.ts';
import { choosePort, withPorts } from '../processes/ports.ts';
import { listening, startReady } from '../processes/readiness.ts';
import type { StackSite } from '../stack-types.ts';

/** The protocol that the clients begin with, RESP 3, came with it. */
const oldestMajor = 6;

/** Starts redis-server without persistence: it is a cache. */
export async function startRedis(site: StackSite): Promise<{ url: string; child: Child }> {
  const program = await redisCommand(site);
  return withPorts(async () => startOn(await choosePort('REDIS_PORT'), site, program));
}

type Program = { command: string; env: NodeJS.ProcessEnv };

async function startOn(
  port: number,
  { folders, ending }: StackSite,
  { command, env }: Program,
): Promise<{ url: string; child: Child }> {
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
  const child = await startReady(
    {
      name: 'redis',
      command,
      args,
      env,
      logFile: join(folders.logs, 'redis.log'),
      pidFolder: folders.run,
    },
    listening(port),
    { boundMs: 10_000, ending },
  );
  return { url: `redis://127.0.0.1:${port}`, child };
}

/** The machine's own from 6 on, otherwise Debian's, unpacked without root. */
async function redisCommand(site: StackSite): Promise<Program> {
  const printed = commandOnPath('redis-server', ['--version']);
  if (printed !== undefined && redisMajorOf(printed) >= oldestMajor)
    return { command: 'redis-server', env: {} };
  const title = `Redis ${oldestMajor} or newer`;
  const folder = await unpackDebianPackages(site, { name: 'redis', title, installed: 'redis-server' });
  return { command: join(folder, 'usr/bin/redis-server'), env: unpackedLibraries(folder) };
}

/** The major version in what `redis-server --version` prints, 0 where none can be read. */
export function redisMajorOf(printed: string): number {
  return Number(/ v=(\d+)\./.exec(printed)?.[1] ?? 0);
}
