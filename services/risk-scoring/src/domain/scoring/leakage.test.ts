import { expect, test } from 'vitest';
import { categoryNames, observe, type ScorableItem } from './observation.ts';
import { areaUnderCurve } from './quality.ts';
import { groupOf, train, type Trained } from './train.ts';
import type { Example } from './training-set.ts';

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

/** Numbers between 0 and 1 that are the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** So many near-copies of one shipment: the same goods, mass and outcome. */
function shipment(changes: Partial<ScorableItem>, finding: boolean, copies: number): Example[] {
  const observation = observe({ ...item, ...changes });
  return Array.from({ length: copies }, () => ({ observation, finding, group: groupOf(observation) }));
}

const aucOf = ({ metrics }: Trained) =>
  metrics.find(({ name }) => name === 'groupedAreaUnderCurve')?.value ?? Number.NaN;
const weightOf = ({ scorecard }: Trained, name: (typeof categoryNames)[number]) =>
  scorecard.weights[categoryNames.indexOf(name)] ?? Number.NaN;

test('a shipment is not recognised by its near-copies', () => {
  const random = randomNumbers(1);
  // Importers with many shipments, of whom some are risky: from them the model learns that the importer matters.
  const told = Array.from({ length: 1_500 }, (_, index) => {
    const finding = random() < (index % 2 === 0 ? 0.8 : 0.2);
    return shipment({ importer: `I${index % 30}`, netMass: index }, finding, 1);
  }).flat();
  // Importers of one shipment each, whose outcome is a toss of a coin that all its copies share.
  const tossed = Array.from({ length: 150 }, (_, index) =>
    shipment({ importer: `ONCE${index}`, netMass: 10_000 + index }, random() < 0.5, 10),
  ).flat();
  const { baseScores } = train([...told, ...tossed], 1);
  const outcomes = Uint8Array.from(tossed, ({ finding }) => Number(finding));
  const auc = areaUnderCurve(Float64Array.from(baseScores.slice(told.length)), outcomes);
  expect(auc).toBeGreaterThan(0.35);
  expect(auc).toBeLessThan(0.65);
});

/** Two origins that tell the outcome three times in four, and importers that tell nothing. */
function signalBesideNoise(shipments: number, importers: number, copies: number): Example[] {
  const random = randomNumbers(2);
  return Array.from({ length: shipments }, (_, index) => {
    const origin = random() < 0.5 ? 'XC' : 'XD';
    const finding = random() < (origin === 'XC' ? 0.75 : 0.25);
    const importer = `I${Math.floor(random() * importers)}`;
    return shipment({ origin, importer, netMass: index }, finding, copies);
  }).flat();
}

test('a row is not encoded with its own outcome: a random column of many values gets no weight', () => {
  const trained = train(signalBesideNoise(3_000, 1_500, 1), 1);
  expect(Math.abs(weightOf(trained, 'importer'))).toBeLessThan(0.2 * weightOf(trained, 'origin'));
  expect(aucOf(trained)).toBeGreaterThan(0.72);
});

test('a row is not encoded with the outcomes of its near-copies', () => {
  const trained = train(signalBesideNoise(600, 200, 8), 1);
  expect(Math.abs(weightOf(trained, 'importer'))).toBeLessThan(0.2 * weightOf(trained, 'origin'));
  expect(aucOf(trained)).toBeGreaterThan(0.7);
});
