import { expect, test } from 'vitest';
import { withETag } from './http.ts';
import { requireMatch } from './preconditions.ts';

test.each(['"7"', '*', '"6", "7"', ' "6" ,"7" '])('%j names version 7', (header) => {
  expect(() => requireMatch(header, '7')).not.toThrow();
});

test.each(['"6"', 'W/"7"', '7', '', '"7', '"77"', '"6","8"'])('%j does not name version 7', (header) => {
  expect(() => requireMatch(header, '7')).toThrow(
    expect.objectContaining({ code: 'conflict', reason: 'PRECONDITION_FAILED' }) as Error,
  );
});

test('a change without If-Match is refused with PRECONDITION_REQUIRED', () => {
  expect(() => requireMatch(undefined, '7')).toThrow(
    expect.objectContaining({ code: 'invalid', reason: 'PRECONDITION_REQUIRED' }) as Error,
  );
});

test.each(['', 'a"b', 'a,b', 'a b', 'é', 'x'.repeat(101)])('%j cannot be the tag of a version', (etag) => {
  expect(() => withETag({}, etag)).toThrow('ETag');
});

test.each(['7', '2026-01-01T00:00:00Z/3', 'e1:4', 'abc-def_1~'])('%j can', (etag) => {
  expect(() => withETag({}, etag)).not.toThrow();
});
