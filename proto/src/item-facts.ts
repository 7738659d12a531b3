import type { Declaration, Item } from './gen/aeo/declaration/v1/declaration.ts';

export type ItemFacts = Readonly<Record<FactName, string | number | undefined>>;

/** What a rule over an item may read. */
export const factNames = [
  'hs6',
  'hs4',
  'hs2',
  'countryOfOrigin',
  'countryOfDispatch',
  'originIndicator',
  'taxRate',
  'taxType',
  'netMassKilograms',
  'price',
  'pricePerKilogram',
  'office',
  'processType',
  'importType',
  'importUse',
  'paymentType',
  'transportModeCode',
  'kind',
] as const;

type FactName = (typeof factNames)[number];

/**
 * The facts of one item, the same wherever a rule is evaluated: mass in kilograms, price in the currency's units, tax
 * in per cent. A fact that cannot be known is undefined.
 */
export function itemFacts(declared: Declaration, item: Item): ItemFacts {
  const netMassKilograms = Number(item.netMassGrams) / 1000;
  const price = Number(item.price?.minorUnits ?? 0n);
  return {
    hs6: item.hs6,
    hs4: item.hs6.slice(0, 4),
    hs2: item.hs6.slice(0, 2),
    countryOfOrigin: item.countryOfOrigin,
    countryOfDispatch: declared.countryOfDispatch,
    originIndicator: item.originIndicator,
    taxRate: item.taxRateBasisPoints / 100,
    taxType: item.taxType,
    netMassKilograms,
    price,
    pricePerKilogram: netMassKilograms > 0 ? price / netMassKilograms : undefined,
    office: declared.office,
    processType: declared.processType,
    importType: declared.importType,
    importUse: declared.importUse,
    paymentType: declared.paymentType,
    transportModeCode: declared.transportModeCode,
    kind: declared.kind,
  };
}
