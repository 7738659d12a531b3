import { expect, test } from 'vitest';
import { solveSymmetric } from './linear-system.ts';
import { fitLogistic } from './logistic-regression.ts';
import { observe, type ScorableItem } from './observation.ts';
import { areaUnderCurve, precisionAt } from './quality.ts';
import { baseScore, score } from './scorecard.ts';
import { groupOf, train } from './train.ts';
import { foldOf, type Example } from './training-set.ts';

const item: ScorableItem = {
  office: '20',
  processType: 'B',
  importType: '11',
  importUse: '21',
  paymentType: '11',
  transportMode: '10',
  declarant: 'D1',
  importer: 'I1',
  seller: 'S1',
  carrier: '',
  hs6: '440890',
  dispatch: 'XB',
  origin: 'XC',
  taxType: 'A',
  originIndicator: 'G',
  netMass: 99,
  price: 999,
  taxRate: 8,
};

test('features are read in a fixed order', () => {
  const { categories, numbers } = observe(item);
  expect(categories.slice(-2)).toEqual(['4408', '44']);
  expect(numbers).toEqual(
    [4.60517, 6.907755, 2.302585, 8, 1].map((value): unknown => expect.closeTo(value, 5)),
  );
});

test('a symmetric system is solved', () => {
  expect([...solveSymmetric(Float64Array.of(4, 2, 2, 3), Float64Array.of(10, 9))]).toEqual([
    expect.closeTo(1.5),
    expect.closeTo(2),
  ]);
});

test('without a penalty a binary column gets the log-odds ratio', () => {
  // 30 of 40 with the feature, 10 of 40 without: intercept ln(1/3), weight ln(9).
  const column = new Float64Array(80);
  const outcomes = new Uint8Array(80);
  column.fill(1, 0, 40);
  outcomes.fill(1, 0, 30).fill(1, 40, 50);
  const { weights, intercept } = fitLogistic([column], outcomes, 0);
  expect(weights[0]).toBeCloseTo(Math.log(9), 6);
  expect(intercept).toBeCloseTo(Math.log(1 / 3), 6);
});

test('the area under the curve and precision of known orders', () => {
  const outcomes = Uint8Array.of(0, 0, 1, 1);
  expect(areaUnderCurve(Float64Array.of(1, 2, 3, 4), outcomes)).toBe(1);
  expect(areaUnderCurve(Float64Array.of(4, 3, 2, 1), outcomes)).toBe(0);
  expect(areaUnderCurve(Float64Array.of(5, 5, 5, 5), outcomes)).toBe(0.5);
  expect(precisionAt(0.5, Float64Array.of(1, 4, 3, 2), outcomes)).toBe(0.5);
});

/** Goods whose code tells the outcome four times in five, shipped in masses of their own. */
function examples(size: number): Example[] {
  return Array.from({ length: size }, (_, index) => {
    const risky = index % 4 === 0;
    const finding = index % 20 < 4 ? !risky : risky;
    const observation = observe({ ...item, hs6: risky ? '930200' : '440890', netMass: index });
    return { observation, finding, group: groupOf(observation) };
  });
}

test('signals in the goods are learnt and predict held-out goods', () => {
  const { scorecard, metrics, baseScores } = train(examples(2_000), 1);
  const auc = metrics.find(({ name }) => name === 'groupedAreaUnderCurve')?.value ?? 0;
  expect(auc).toBeGreaterThan(0.6);
  const probability = (hs6: string) => score(scorecard, observe({ ...item, hs6, netMass: 3 })).probability;
  expect(probability('930200')).toBeGreaterThan(probability('440890'));
  expect(probability('999999')).toBeGreaterThan(0);
  expect(baseScores.every((each) => each >= 0 && each <= 1000)).toBe(true);
});

test('random outcomes are not learnt: no row is encoded with its own', () => {
  let state = 7;
  const shuffled = examples(3_000).map((example, index) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const observation = observe({ ...item, importer: `I${index % 900}`, netMass: index });
    return { ...example, observation, group: groupOf(observation), finding: (state >>> 16) % 5 === 0 };
  });
  const auc = train(shuffled, 1).metrics.find(({ name }) => name === 'groupedAreaUnderCurve')?.value ?? 0;
  expect(auc).toBeGreaterThan(0.42);
  expect(auc).toBeLessThan(0.58);
});

test('the contributions and the intercept add up to the log-odds', () => {
  const { scorecard } = train(examples(500), 3);
  const { probability, contributions } = score(scorecard, observe(item));
  const sum = contributions.reduce((total, { contribution }) => total + contribution, scorecard.intercept);
  expect(Math.log(probability / (1 - probability))).toBeCloseTo(sum, 9);
  expect(baseScore(0.2345)).toBe(235);
});

test('the same seed gives the same model', () => {
  expect(train(examples(400), 5)).toEqual(train(examples(400), 5));
});

test('one outcome alone cannot be trained on', () => {
  const only = examples(50).map((example) => ({ ...example, finding: false }));
  expect(() => train(only, 1)).toThrow('both outcomes');
});

test('a group is always in the same fold and folds are of similar size', () => {
  const counts = [0, 0, 0, 0, 0];
  for (let index = 0; index < 5_000; index += 1) counts[foldOf(`44${index}|${index}`, 5, 1)]! += 1;
  for (const size of counts) expect(Math.abs(size - 1_000)).toBeLessThan(150);
});
