import { expect, test } from 'vitest';
import { AppError } from './errors.ts';
import { failureFields, logFailures, reportFailure } from './failures.ts';

test('an internal error is logged with its kind, code and place, never with its message', () => {
  const cause = Object.assign(new RangeError('trader XA123 has no name'), { code: '22008' });
  const fields = failureFields(new AppError('internal', 'INTERNAL', cause.message, { cause }));
  expect(fields).toMatchObject({ reason: 'INTERNAL', fault: 'RangeError', code: '22008' });
  expect(JSON.stringify(fields)).toContain('failures.test.ts');
  expect(JSON.stringify(fields)).not.toContain('XA123');
});

test('internal errors are logged, refusals of a caller are not', () => {
  const lines: string[] = [];
  const none = () => undefined;
  logFailures({ debug: none, info: none, warn: none, error: (message) => void lines.push(message) });
  reportFailure(new AppError('invalid', 'FIELD_FORMAT', 'a field'));
  expect(lines).toEqual([]);
  reportFailure(new TypeError('x is not a function'));
  expect(lines).toEqual(['a request failed']);
});
