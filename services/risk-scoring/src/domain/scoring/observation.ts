/** The fields of one item of a declaration that the scorecard uses. Mass in kilograms, price in currency units, tax in per cent. */
export type ScorableItem = {
  office: string;
  processType: string;
  importType: string;
  importUse: string;
  paymentType: string;
  transportMode: string;
  declarant: string;
  importer: string;
  seller: string;
  carrier: string;
  hs6: string;
  dispatch: string;
  origin: string;
  taxType: string;
  originIndicator: string;
  netMass: number;
  price: number;
  taxRate: number;
};

export const categoryNames = [
  'office',
  'processType',
  'importType',
  'importUse',
  'paymentType',
  'transportMode',
  'declarant',
  'importer',
  'seller',
  'carrier',
  'hs6',
  'dispatch',
  'origin',
  'taxType',
  'originIndicator',
  'hs4',
  'hs2',
] as const;

export const numberNames = [
  'logMass',
  'logPrice',
  'logPricePerMass',
  'taxRate',
  'originDiffersFromDispatch',
] as const;

/** The features before encoding, in the order of the names above. */
export type Observation = { categories: string[]; numbers: number[] };

export function observe(item: ScorableItem): Observation {
  const logMass = Math.log1p(item.netMass);
  const logPrice = Math.log1p(item.price);
  const goods = { hs4: item.hs6.slice(0, 4), hs2: item.hs6.slice(0, 2) };
  return {
    categories: categoryNames.map((name) => (name === 'hs4' || name === 'hs2' ? goods[name] : item[name])),
    numbers: [logMass, logPrice, logPrice - logMass, item.taxRate, item.origin === item.dispatch ? 0 : 1],
  };
}
