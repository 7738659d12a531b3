import { closedList } from '@aeo/platform/http';
import { common } from '@aeo/proto';
import { z } from 'zod';
import { bounds, dayProblem, patterns } from '../../application/declaration/declaration-rules.ts';

/** A day between 1900 and 2200, for a query. */
export const day = z.iso.date().superRefine((text, context) => {
  if (dayProblem(text) === 'FIELD_RANGE')
    context.addIssue({ code: 'too_big', origin: 'date', maximum: Date.UTC(2200, 11, 31), input: text });
});

/**
 * The schemas of a body say which fields there are and of which type; forms and bounds are written into its
 * description only, since the handler checks them as it does over RPC.
 */
export const matching = (pattern: RegExp) => z.string().meta({ pattern: pattern.source });
const within = (limits: { minimum: number; maximum: number }) => z.int().meta(limits);

const code = matching(patterns.code).default('');
const country = matching(patterns.country).default('');
/** 64-bit numbers travel as text in protobuf's JSON; small ones may be plain. */
const int64 = z.union([z.int(), z.string().regex(/^-?\d{1,18}$/)]);

const identifier = z.strictObject({ scheme: z.string(), country: z.string(), value: z.string() });

const party = z.strictObject({
  role: closedList('PARTY_ROLE', common.PartyRole),
  identifier: identifier.optional(),
  name: matching(patterns.name).default(''),
  activationDeclared: z.boolean().default(false),
});

const item = z.strictObject({
  number: within(bounds.itemNumber),
  hs6: matching(patterns.hs6),
  countryOfOrigin: country,
  originIndicator: code,
  taxRateBasisPoints: within(bounds.taxRateBasisPoints).default(0),
  taxType: code,
  netMassGrams: int64.default(0),
  price: z.strictObject({ currency: matching(patterns.currency), minorUnits: int64 }).optional(),
});

const declaration = z.strictObject({
  declarationId: matching(patterns.declarationId),
  version: within(bounds.version),
  kind: closedList('DECLARATION_KIND', common.DeclarationKind),
  office: matching(patterns.office),
  declaredOn: z.string().meta({ format: 'date' }),
  direction: closedList('DIRECTION', common.Direction),
  transportMode: closedList('TRANSPORT_MODE', common.TransportMode),
  transportModeCode: code,
  transportDocument: matching(patterns.transportDocument).default(''),
  countryOfDispatch: country,
  processType: code,
  importType: code,
  importUse: code,
  paymentType: code,
  parties: z.array(party).meta(bounds.parties),
  items: z.array(item).meta(bounds.items),
});

/** A declaration to be decided, as protobuf's JSON writes it. */
export const assessBody = z.strictObject({
  declaration,
  stage: closedList('STAGE', common.Stage),
  probe: z.boolean().default(false),
  revision: within(bounds.revision).default(0),
  minVersion: z.string().default(''),
});

/** The result of a control, as protobuf's JSON writes it. */
export const controlBody = z.strictObject({
  controlId: z.string(),
  declarationId: matching(patterns.declarationId),
  version: within(bounds.version),
  kind: closedList('CONTROL_KIND', common.ControlKind),
  outcome: closedList('CONTROL_OUTCOME', common.ControlOutcome),
  durationMinutes: z.int().default(0),
  findingClass: z.string().default(''),
});
