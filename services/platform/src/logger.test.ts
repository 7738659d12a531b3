import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

test('a field that is not on the list never reaches the log', () => {
  const lines: string[] = [];
  const logger = createLogger('tests', { write: (line) => void lines.push(line) });
  logger.warn('refused', { reason: 'FIELD_FORMAT', traderName: 'Jane Doe', identifier: 'ABC123' });
  expect(lines.join('')).not.toMatch(/Jane|ABC123/);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    service: 'tests',
    message: 'refused',
    reason: 'FIELD_FORMAT',
  });
});
