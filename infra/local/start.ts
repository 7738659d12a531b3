import { join } from 'node:path';
import { once } from 'node:events';
import { startStack } from './stack.ts';

const local = join(process.cwd(), '.local');
const stack = await startStack({
  directory: local,
  downloads: join(local, 'downloads'),
  fresh: true,
  log: console.log,
});
console.log(stack);
if (!process.argv.includes('--once')) await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await stack.stop();
