import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '.local/**'];
const onBrokers = {
  exclude: ignored,
  pool: 'forks' as const,
  maxWorkers: 1,
  fileParallelism: false,
  globalSetup: ['./tests/setup/stack.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.int.test.ts', 'tests/system/**'],
        },
      },
      { test: { name: 'integration', include: ['**/*.int.test.ts'], ...onBrokers } },
      { test: { name: 'system', include: ['tests/system/**/*.test.ts'], ...onBrokers } },
    ],
  },
});
