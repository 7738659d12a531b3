import fc from 'fast-check';
import { expect, test } from 'vitest';
import { selectsNothing, thresholdTable, type RecordedScore } from './threshold-table.ts';

const settings = { capacityPermille: 100, documentPermille: 100, windowDays: 30, poolBelowExpected: 20 };

const scored = fc.record({
  office: fc.constantFrom('10', '20', '30'),
  declaredOn: fc.constantFrom('2021-01-01', '2021-01-20', '2021-02-10'),
  base: fc.integer({ min: 0, max: 1000 }),
});
const scores = fc.array(scored, { minLength: 1, maxLength: 900 });

test('never more than capacity is selected, in any office or the pool', () => {
  fc.assert(
    fc.property(scores, fc.integer({ min: 0, max: 1000 }), (all, capacityPermille) => {
      const table = thresholdTable(all, { ...settings, capacityPermille });
      for (const { selected, declarations } of [table.pooled, ...table.offices.values()]) {
        expect(selected).toBeLessThanOrEqual((declarations * capacityPermille) / 1000);
      }
    }),
  );
});

test('one point lower would select more than capacity', () => {
  fc.assert(
    fc.property(scores, (all) => {
      const { pooled } = thresholdTable(all, { ...settings, windowDays: 365, poolBelowExpected: 1e9 });
      const atLeast = (threshold: number) => all.filter(({ base }) => base >= threshold).length;
      expect(atLeast(pooled.red - 1)).toBeGreaterThan((all.length * settings.capacityPermille) / 1000);
    }),
  );
});

test('more capacity never raises a threshold', () => {
  fc.assert(
    fc.property(scores, fc.nat(900), (all, capacityPermille) => {
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

const uniform = (office: string, size: number, declaredOn = '2021-03-01'): RecordedScore[] =>
  Array.from({ length: size }, (_, index) => ({ office, declaredOn, base: index % 1000 }));

test('an office that expects twenty inspections stands alone, a smaller one is pooled', () => {
  const table = thresholdTable([...uniform('10', 200), ...uniform('20', 199)], settings);
  expect([...table.offices.keys()]).toEqual(['10']);
  expect(table.pooled.declarations).toBe(199);
  expect(table.offices.get('10')).toEqual({ red: 180, yellow: 160, declarations: 200, selected: 20 });
});

test('only the last thirty days count, in the declarations’ own time', () => {
  const table = thresholdTable([...uniform('10', 500, '2021-01-30'), ...uniform('10', 300)], settings);
  expect(table.windowEndsOn).toBe('2021-03-01');
  expect(table.offices.get('10')?.declarations).toBe(300);
});

test('without scores nothing is selected', () => {
  expect(thresholdTable([], settings).pooled.red).toBe(selectsNothing);
});
