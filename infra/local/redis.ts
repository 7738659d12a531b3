import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from './child-process.ts';
import { commandOnPath, unpackDebianPackages } from './debian-packages.ts';
import { freePort } from './ports.ts';
import { listening, startReady } from './readiness.ts';
import type { StackSite } from './stack.ts';

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
export async function startRedis(site: StackSite): Promise<{ url: string; child: Child }> {
  const { folders, ending } = site;
  const { command, env } = await redisCommand(site);
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
  const child = await startReady(
    {
      ...{ name: 'redis', command, args, env },
      logFile: join(folders.logs, 'redis.log'),
      pidFolder: folders.run,
    },
    () => listening(port),
    { boundMs: 10_000, ending },
  );
  return { url: `redis://127.0.0.1:${port}`, child };
}

async function redisCommand(site: StackSite): Promise<{ command: string; env: NodeJS.ProcessEnv }> {
  if (commandOnPath('redis-server', ['--version']) !== undefined) return { command: 'redis-server', env: {} };
  const folder = await unpackDebianPackages(site, {
    ...{ name: 'redis', title: 'Redis', packages },
    installed: 'redis-server',
  });
  const libraries = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((each) => join(folder, each));
  return { command: join(folder, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: libraries.join(':') } };
}
