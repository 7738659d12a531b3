import { spawnSync } from 'node:child_process';

// buf finds the generator on the PATH, which the bootstrap begins with the project's own programs.
const result = spawnSync('node_modules/.bin/buf', ['generate'], { stdio: 'inherit' });
process.exit(result.status ?? 1);
