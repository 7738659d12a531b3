import { riskTables } from '@aeo/proto';
import { expect, test } from 'vitest';
import { createThresholdBook } from './thresholds.ts';
import { common } from '../vocabulary.ts';

const { FISCAL_COMPLIANCE, SAFETY_SECURITY } = common.Purpose;
const table = (version: bigint, parts: { pooled?: number; offices?: Record<string, number | undefined> }) =>
  riskTables.ThresholdTable.fromPartial({
    purpose: FISCAL_COMPLIANCE,
    version,
    ...(parts.pooled === undefined ? {} : { pooled: { red: parts.pooled, yellow: 100 } }),
    offices: Object.entries(parts.offices ?? {}).map(([office, red]) => ({
      office,
      ...(red === undefined ? {} : { thresholds: { red, yellow: 100 } }),
    })),
  });

test('an office has its own thresholds, every other those of the pool', () => {
  const book = createThresholdBook();
  expect(book.find(FISCAL_COMPLIANCE, '10')).toBeUndefined();
  book.apply(table(1n, { pooled: 300, offices: { '10': 400 } }));
  expect(book.find(FISCAL_COMPLIANCE, '10')).toEqual({ red: 400, yellow: 100, tableVersion: 1n });
  expect(book.find(FISCAL_COMPLIANCE, '20')).toEqual({ red: 300, yellow: 100, tableVersion: 1n });
  expect(book.find(SAFETY_SECURITY, '10')).toBeUndefined();
});

test('only a newer table replaces the one held', () => {
  const book = createThresholdBook();
  expect(book.apply(table(2n, { pooled: 300 }))).toBe(true);
  expect([book.apply(table(2n, { pooled: 200 })), book.apply(table(1n, { pooled: 200 }))]).toEqual([
    false,
    false,
  ]);
  expect(book.find(FISCAL_COMPLIANCE, '10')).toMatchObject({ red: 300, tableVersion: 2n });
  expect(book.apply(table(3n, { pooled: 200 }))).toBe(true);
  expect(book.find(FISCAL_COMPLIANCE, '10')).toMatchObject({ red: 200, tableVersion: 3n });
});

test('a table without thresholds selects nothing by score', () => {
  const book = createThresholdBook();
  book.apply(table(1n, { offices: { '10': 400, '20': undefined } }));
  expect(book.find(FISCAL_COMPLIANCE, '10')).toMatchObject({ red: 400 });
  expect(book.find(FISCAL_COMPLIANCE, '30')).toBeUndefined();
  book.apply(table(2n, { pooled: 300, offices: { '20': undefined } }));
  expect(book.find(FISCAL_COMPLIANCE, '20')).toBeUndefined();
});
