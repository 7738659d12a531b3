import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What must hold before a commit, fastest first. */
const steps: [title: string, program: string, args: string[]][] = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['contracts', 'buf', ['lint']],
  ['contracts only grow', 'buf', ['breaking', '--against', 'proto/base.binpb']],
  ['contracts as code', 'buf', ['generate', '--output', '.local/generated']],
  ['contracts as committed', 'diff', ['-r', '.local/generated/proto/src/gen', 'proto/src/gen']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  [
    'imports',
    'depcruise',
    ['--config', '.dependency-cruiser.mjs', 'services', 'infra', 'tests', 'proto/src'],
  ],
  ['lint', 'eslint', ['--max-warnings', '0', '.']],
  ['unit tests', 'vitest', ['run', '--project', 'unit', '--reporter=dot']],
  ['dead code', 'knip', []],
];

for (const [title, program, args] of steps) {
  const started = Date.now();
  const command = program === 'diff' ? program : join('node_modules/.bin', program);
  const result = spawnSync(command, args, { stdio: 'inherit' });
  if (result.status !== 0) {
    process.stderr.write(`${title}: failed (${program} ${args.join(' ')})\n`);
    process.exit(1);
  }
  process.stdout.write(`${title}: ok (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
}
