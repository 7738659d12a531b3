import { createHash } from 'node:crypto';
import { common, declaration } from '@aeo/proto';
import { demonstration } from '../demonstration.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';

const { Direction, DeclarationKind, PartyRole, TransportMode } = common;

/** UN/EDIFACT-like transport codes of the data set. */
const transportModes: Record<string, common.TransportMode> = {
  '10': TransportMode.SEA,
  '20': TransportMode.RAIL,
  '30': TransportMode.ROAD,
  '40': TransportMode.AIR,
  '50': TransportMode.POST,
};

/** The message a border system would send for a row. Outcome columns stay behind. */
export function declarationOf(row: DeclarationRow): declaration.Declaration {
  return declaration.Declaration.fromPartial({
    declarationId: row.declarationId,
    version: 1,
    kind: DeclarationKind.IMPORT,
    office: row.office,
    declaredOn: row.date,
    direction: Direction.IMPORT,
    transportMode: transportModes[row.transportMode] ?? TransportMode.OTHER,
    transportModeCode: row.transportMode,
    countryOfDispatch: row.departure,
    processType: row.processType,
    importType: row.importType,
    importUse: row.importUse,
    paymentType: row.paymentType,
    parties: partiesOf(row),
    items: [itemOf(row)],
  });
}

function partiesOf(row: DeclarationRow): declaration.Party[] {
  const party = (role: common.PartyRole, identifier: common.Identifier | undefined) =>
    declaration.Party.fromPartial({ role, ...(identifier ? { identifier } : {}) });
  return [
    party(PartyRole.IMPORTER, homeIdentifier(row.importer)),
    party(PartyRole.DECLARANT, homeIdentifier(row.declarant)),
    party(PartyRole.SELLER, row.seller === '' ? undefined : sellerIdentifier(row.seller)),
    ...(row.courier === '' ? [] : [party(PartyRole.CARRIER, courierIdentifier(row.courier))]),
  ];
}

function itemOf(row: DeclarationRow): declaration.Item {
  return declaration.Item.fromPartial({
    number: 1,
    hs6: row.hs6,
    countryOfOrigin: row.origin,
    originIndicator: row.originIndicator,
    taxRateBasisPoints: Math.round(row.taxRate * 100),
    taxType: row.taxType,
    netMassGrams: BigInt(Math.round(row.netMass * 1000)),
    price: { currency: demonstration.currency, minorUnits: BigInt(Math.round(row.price)) },
  });
}

const { scheme, homeCountry, sellerCountries } = demonstration;

export function homeIdentifier(value: string): common.Identifier {
  return common.Identifier.fromPartial({ scheme, country: homeCountry, value });
}

function courierIdentifier(value: string): common.Identifier {
  return common.Identifier.fromPartial({ scheme: 'courier-code', country: homeCountry, value });
}

/** The data have no country of a seller: it is derived from the first byte of its SHA-256, modulo three. */
export function sellerIdentifier(value: string): common.Identifier {
  const byte = createHash('sha256').update(value).digest()[0] ?? 0;
  const country = sellerCountries[byte % sellerCountries.length] ?? sellerCountries[0];
  return common.Identifier.fromPartial({ scheme, country, value });
}
