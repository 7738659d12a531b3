import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startChild, untilListening, type Child } from './child-process.ts';
import { commandOnPath, unpackDebianPackages } from './debian-packages.ts';
import type { StackFolders } from './stack.ts';

const packages = [
  'redis-server',
  'redis-tools',
  'liblzf1',
  'libjemalloc2',
  'liblua5.1-0',
  'lua-cjson',
  'lua-bitop',
];

/** Starts redis-server without persistence: it is a cache. */
export async function startRedis(folders: StackFolders): Promise<{ url: string; child: Child }> {
  const { command, env } = redisCommand(folders.downloads);
  const port = await freePort();
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
  const child = startChild({
    name: 'redis',
    command,
    args,
    env,
    logFile: join(folders.logs, 'redis.log'),
    pidFolder: folders.run,
  });
  await untilListening(child, port, 10_000);
  return { url: `redis://127.0.0.1:${port}`, child };
}

function redisCommand(downloads: string): { command: string; env: NodeJS.ProcessEnv } {
  if (commandOnPath('redis-server', ['--version']) !== undefined) return { command: 'redis-server', env: {} };
  const folder = join(downloads, 'redis');
  unpackDebianPackages(folder, packages, 'apt-get install redis-server');
  const libraries = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((each) => join(folder, each));
  return { command: join(folder, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: libraries.join(':') } };
}
