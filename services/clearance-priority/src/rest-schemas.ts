import { closedList } from '@aeo/platform/http';
import { common } from '@aeo/proto';
import { z } from 'zod';

export const day = z.iso.date();

const text = (max: number) => z.string().max(max);
const code = text(20).default('');
/** 64-bit numbers travel as text in protobuf's JSON; small ones may be plain. */
const int64 = z.union([z.int(), z.string().regex(/^-?\d{1,18}$/)]);

const identifier = z.strictObject({ scheme: text(40), country: text(2), value: text(35) });

const party = z.strictObject({
  role: closedList('PARTY_ROLE', common.PartyRole),
  identifier: identifier.optional(),
  name: text(200).default(''),
  activationDeclared: z.boolean().default(false),
});

const item = z.strictObject({
  number: z.int().min(1).max(999),
  hs6: z.string().regex(/^\d{6}$/),
  countryOfOrigin: text(2).default(''),
  originIndicator: code,
  taxRateBasisPoints: z.int().min(0).max(1_000_000).default(0),
  taxType: code,
  netMassGrams: int64.default(0),
  price: z.strictObject({ currency: z.string().regex(/^[A-Z]{3}$/), minorUnits: int64 }).optional(),
});

const declaration = z.strictObject({
  declarationId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  version: z.int().min(1).max(1_000_000),
  kind: closedList('DECLARATION_KIND', common.DeclarationKind),
  office: z.string().regex(/^[A-Za-z0-9-]{1,20}$/),
  declaredOn: day,
  direction: closedList('DIRECTION', common.Direction),
  transportMode: closedList('TRANSPORT_MODE', common.TransportMode),
  transportModeCode: code,
  transportDocument: text(64).default(''),
  countryOfDispatch: text(2).default(''),
  processType: code,
  importType: code,
  importUse: code,
  paymentType: code,
  parties: z.array(party).min(1).max(20),
  items: z.array(item).min(1).max(999),
});

/** A declaration to be decided, as protobuf's JSON writes it. */
export const assessBody = z.strictObject({
  declaration,
  stage: closedList('STAGE', common.Stage),
  probe: z.boolean().default(false),
  revision: z.int().min(0).default(0),
  minVersion: text(400).default(''),
});
