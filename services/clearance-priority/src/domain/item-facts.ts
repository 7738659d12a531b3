import type { declaration } from './vocabulary.ts';

export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** The facts a mandatory rule may read, for one item: mass in kilograms, price in currency units, tax in per cent. */
export function itemFacts(declared: declaration.Declaration, item: declaration.Item): Facts {
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
