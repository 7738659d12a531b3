import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '.local/**'];
const system = ['tests/system/**/*.test.ts', 'tests/faults/**/*.test.ts'];
const onBrokers = {
  exclude: ignored,
  pool: 'forks' as const,
  maxWorkers: 1,
  fileParallelism: false,
  globalSetup: ['./tests/setup/stack/stack.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // A machine that is busy is no defect; a test that hangs is found all the same.
          testTimeout: 20_000,
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.int.test.ts', ...system],
        },
      },
      { test: { name: 'integration', include: ['**/*.int.test.ts'], ...onBrokers } },
      { test: { name: 'system', include: system, ...onBrokers } },
    ],
  },
});
