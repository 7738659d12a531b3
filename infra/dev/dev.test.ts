import { expect, test } from 'vitest';
import { readService } from './dev.ts';

test('the command line names one service', () => {
  expect(readService(['aeo-registry'])).toBe('aeo-registry');
  expect(readService(['--help'])).toBeUndefined();
});

test.each([
  [[], /^npm run dev SERVICE takes one of risk-scoring, aeo-registry, .*\.$/],
  [['registry'], /takes one of .*, not "registry"\.$/],
  [['aeo-registry', 'risk-scoring'], /takes one of .*, not "aeo-registry risk-scoring"\.$/],
] as const)('the error for %j names the services', (args, message) => {
  expect(() => readService([...args])).toThrow(message);
});
