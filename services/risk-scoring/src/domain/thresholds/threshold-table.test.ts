import fc from 'fast-check';
import { expect, test } from 'vitest';
import { selectsNothing, thresholdsFor, thresholdTable, type ScoreCell } from './threshold-table.ts';

const settings = { capacityPermille: 100, documentPermille: 100, poolBelowExpected: 20 };
const alone = { ...settings, poolBelowExpected: 0 };

const cell = fc.record({
  office: fc.constantFrom('10', '20', '30'),
  base: fc.integer({ min: 0, max: 1000 }),
  count: fc.integer({ min: 1, max: 9 }),
  selected: fc.constant(0),
});
const cells = fc.array(cell, { minLength: 1, maxLength: 300 });
const countOf = (all: readonly ScoreCell[], from = 0) =>
  all.filter(({ base }) => base >= from).reduce((total, { count }) => total + count, 0);

test('never more than capacity is selected, in any office or the pool', () => {
  fc.assert(
    fc.property(cells, fc.integer({ min: 0, max: 1000 }), (all, capacityPermille) => {
      const table = thresholdTable(all, { ...settings, capacityPermille });
      for (const { selected, declarations } of [table.pooled, ...table.offices.values()]) {
        expect(selected).toBeLessThanOrEqual((declarations * capacityPermille) / 1000);
      }
    }),
  );
});

test('one point lower would select more than capacity', () => {
  fc.assert(
    fc.property(cells, (all) => {
      const { pooled } = thresholdTable(all, { ...settings, poolBelowExpected: 1e9 });
      const allowed = (countOf(all) * settings.capacityPermille) / 1000;
      expect(countOf(all, pooled.red - 1)).toBeGreaterThan(allowed);
    }),
  );
});

test('more capacity never raises a threshold', () => {
  fc.assert(
    fc.property(cells, fc.nat(900), (all, capacityPermille) => {
      const red = (extra: number) =>
        thresholdTable(all, {
          ...settings,
          capacityPermille: capacityPermille + extra,
          poolBelowExpected: 1e9,
        }).pooled.red;
      expect(red(100)).toBeLessThanOrEqual(red(0));
    }),
  );
});

const uniform = (office: string, size: number, selected = 0): ScoreCell[] =>
  Array.from({ length: size }, (_, base) => ({ office, base, count: 1, selected: base < selected ? 1 : 0 }));

test('an office that expects twenty inspections stands alone, a smaller one is pooled', () => {
  const table = thresholdTable([...uniform('10', 200), ...uniform('20', 199)], settings);
  expect([...table.offices.keys()]).toEqual(['10']);
  expect(table.pooled.declarations).toBe(199);
  expect(table.offices.get('10')).toEqual({ red: 180, yellow: 160, declarations: 200, selected: 20 });
  expect(thresholdsFor(table, '99')).toBe(table.pooled);
});

test.each([
  [97, 900],
  [102, 950],
  [107, 1_000],
  [300, 1_000],
])('after %i of 1,000 were selected instead of 100, the threshold is %i', (selected, red) => {
  expect(thresholdTable(uniform('10', 1_000, selected), alone).offices.get('10')?.red).toBe(red);
});

test('goods that score ever higher are kept within capacity by the correction', () => {
  const window: { base: number; selected: boolean }[] = [];
  for (let base = 0; base < 1_000; base += 1) window.push({ base: base / 2, selected: base >= 900 });
  const fresh = Array.from({ length: 3_000 }, (_, index) => (index * 617) % 1_000);
  for (const base of fresh) {
    const all = window.map((each) => ({ ...each, office: '10', count: 1, selected: Number(each.selected) }));
    const red = thresholdTable(all, alone).offices.get('10')?.red ?? 0;
    window.push({ base, selected: base >= red });
    window.shift();
  }
  expect(window.filter(({ selected }) => selected).length).toBeLessThanOrEqual(100);
  expect(window.filter(({ selected }) => selected).length).toBeGreaterThan(90);
});

test('without scores nothing is selected', () => {
  expect(thresholdTable([], settings).pooled.red).toBe(selectsNothing);
});

test('a capacity of zero selects nothing, and documents are still checked', () => {
  const cells = [100, 500, 900].map((base) => ({ office: '20', base, count: 100, selected: 0 }));
  const { pooled, offices } = thresholdTable(cells, { ...settings, capacityPermille: 0 });
  expect(offices.size).toBe(0);
  expect(pooled).toMatchObject({ red: selectsNothing, selected: 0 });
  expect(pooled.yellow).toBeLessThan(selectsNothing);
});
