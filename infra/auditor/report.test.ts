import { expect, test } from 'vitest';
import { auditText, startComparison, reportOf } from './report.ts';

test('a line for each invariant reports the comparisons, and none made is no pass', () => {
  const found = startComparison('I4');
  found.expect(true, 'two rows', 'a');
  found.expect(false, 'two rows', 'b', { rows: 2n });
  const text = auditText(reportOf([found.finding()], { 'dead letters': 1, others: 0 }, 1));
  expect(text).toContain('I1  no benefit after suspension nothing to compare\n');
  expect(text).toContain('I4  one effect                  2 compared, 1 violations\n');
  expect(text).toContain('  I4 two rows: b {"rows":"2"}\nCounted apart: dead letters 1');
});

test('all violations are counted and the first ones are listed', () => {
  const found = startComparison('I6');
  for (let key = 0; key < 1_000; key += 1) found.expect(false, 'backwards', String(key));
  const report = reportOf([found.finding()], {}, 1);
  expect([report.found.I6, report.violations.length]).toEqual([1_000, 20]);
});
