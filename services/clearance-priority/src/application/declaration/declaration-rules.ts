import { isDay, isIdentifier, isKnown } from '@aeo/platform/field-formats';
import type { fieldProblems } from '@aeo/platform/field-problems';
import { common, declaration } from '@aeo/proto';

type Problems = Pick<ReturnType<typeof fieldProblems>, 'check' | 'isEmpty' | 'isFull'>;

/** The forms of text fields, the same over RPC, stream, topic and REST. An absent optional text is empty. */
export const patterns = {
  declarationId: /^[A-Za-z0-9-]{1,64}$/,
  office: /^[A-Za-z0-9-]{1,20}$/,
  transportDocument: /^[\x20-\x7e]{0,64}$/,
  country: /^([A-Z]{2})?$/,
  code: /^[\x20-\x7e]{0,20}$/,
  name: /^\P{Cc}{0,200}$/u,
  hs6: /^\d{6}$/,
  currency: /^[A-Z]{3}$/,
};

/** Bounds, both ends included. */
export const bounds = {
  version: { minimum: 1, maximum: 1_000_000 },
  /** What Postgres and protobuf hold as a 32-bit number. */
  revision: { minimum: 0, maximum: 2_147_483_647 },
  itemNumber: { minimum: 1, maximum: 999 },
  taxRateBasisPoints: { minimum: 0, maximum: 1_000_000 },
  parties: { minItems: 1, maxItems: 20 },
  items: { minItems: 1, maxItems: 999 },
};

/** Grams and minor units of money: what fits in 18 digits. */
const amountMax = 999_999_999_999_999_999n;
const encodedBytesMax = 200_000;
const days = { first: '1900-01-01', last: '2200-12-31' };

/** What is wrong with a day, yyyy-mm-dd: no such day, or one before 1900 or after 2200; undefined where nothing is. */
export function dayProblem(text: string): 'FIELD_FORMAT' | 'FIELD_RANGE' | undefined {
  if (!isDay(text)) return 'FIELD_FORMAT';
  return text < days.first || text > days.last ? 'FIELD_RANGE' : undefined;
}

export function isWithin(value: number, { minimum, maximum }: { minimum: number; maximum: number }): boolean {
  return Number.isInteger(value) && value >= minimum && value <= maximum;
}

/** Checks every field of a declaration; each problem has the field's path, from `declaration` on. */
export function checkDeclaration(declared: declaration.Declaration, problems: Problems): void {
  const { check } = problems;
  const matches = (field: TextField, pattern: RegExp) =>
    check(pattern.test(declared[field]), `declaration.${field}`, 'FIELD_FORMAT');
  const known = (field: 'kind' | 'direction' | 'transportMode', list: Record<string, number>) =>
    check(isKnown(list, declared[field]), `declaration.${field}`, 'FIELD_UNKNOWN_VALUE');
  matches('declarationId', patterns.declarationId);
  check(isWithin(declared.version, bounds.version), 'declaration.version', 'FIELD_RANGE');
  known('kind', common.DeclarationKind);
  known('direction', common.Direction);
  known('transportMode', common.TransportMode);
  matches('office', patterns.office);
  const day = dayProblem(declared.declaredOn);
  check(day === undefined, 'declaration.declaredOn', day ?? '');
  matches('transportDocument', patterns.transportDocument);
  matches('countryOfDispatch', patterns.country);
  for (const field of codeFields) matches(field, patterns.code);
  checkParties(declared, problems);
  checkItems(declared.items, problems);
  // A number out of its bounds may not be encodable.
  if (!problems.isEmpty()) return;
  const bytes = declaration.Declaration.encode(declared).finish().length;
  check(bytes <= encodedBytesMax, 'declaration', 'BODY_TOO_LARGE');
}

type TextField =
  'declarationId' | 'office' | 'transportDocument' | 'countryOfDispatch' | (typeof codeFields)[number];

const codeFields = ['transportModeCode', 'processType', 'importType', 'importUse', 'paymentType'] as const;

/** Roles that one party at most may have: with two, one could lend its status to the other's goods. */
const singleRoles: readonly common.PartyRole[] = [
  common.PartyRole.IMPORTER,
  common.PartyRole.EXPORTER,
  common.PartyRole.DECLARANT,
];

/** Goods that enter have an importer, goods that leave an exporter; the other parties may be unnamed. */
function checkParties({ parties, direction }: declaration.Declaration, { check, isFull }: Problems): void {
  const { PartyRole, Direction } = common;
  const needed = direction === Direction.EXPORT ? PartyRole.EXPORTER : PartyRole.IMPORTER;
  const present = parties.some(({ role }) => role === needed);
  check(present, 'declaration.parties', 'PARTY_MISSING');
  check(parties.length <= bounds.parties.maxItems, 'declaration.parties', 'BATCH_TOO_LARGE');
  const seen = new Set<common.PartyRole>();
  for (const [index, { role, identifier, name }] of parties.entries()) {
    if (isFull()) return;
    const path = `declaration.parties[${index}]`;
    check(isKnown(PartyRole, role), `${path}.role`, 'FIELD_UNKNOWN_VALUE');
    check(!(seen.has(role) && singleRoles.includes(role)), `${path}.role`, 'PARTY_REPEATED');
    check(identifier === undefined || isIdentifier(identifier), `${path}.identifier`, 'IDENTIFIER_FORMAT');
    check(patterns.name.test(name), `${path}.name`, 'FIELD_FORMAT');
    seen.add(role);
  }
}

function checkItems(items: readonly declaration.Item[], problems: Problems): void {
  problems.check(items.length > 0, 'declaration.items', 'FIELD_REQUIRED');
  problems.check(items.length <= bounds.items.maxItems, 'declaration.items', 'BATCH_TOO_LARGE');
  for (const [index, item] of items.entries()) {
    if (problems.isFull()) return;
    checkItem(item, `declaration.items[${index}]`, problems);
  }
}

function checkItem(item: declaration.Item, path: string, { check }: Problems): void {
  const { price } = item;
  const isAmount = (amount: bigint) => amount >= 0n && amount <= amountMax;
  check(isWithin(item.number, bounds.itemNumber), `${path}.number`, 'FIELD_RANGE');
  check(patterns.hs6.test(item.hs6), `${path}.hs6`, 'FIELD_FORMAT');
  check(patterns.country.test(item.countryOfOrigin), `${path}.countryOfOrigin`, 'FIELD_FORMAT');
  check(patterns.code.test(item.originIndicator), `${path}.originIndicator`, 'FIELD_FORMAT');
  const rate = isWithin(item.taxRateBasisPoints, bounds.taxRateBasisPoints);
  check(rate, `${path}.taxRateBasisPoints`, 'FIELD_RANGE');
  check(patterns.code.test(item.taxType), `${path}.taxType`, 'FIELD_FORMAT');
  check(isAmount(item.netMassGrams), `${path}.netMassGrams`, 'FIELD_RANGE');
  if (price === undefined) return;
  check(patterns.currency.test(price.currency), `${path}.price.currency`, 'FIELD_FORMAT');
  check(isAmount(price.minorUnits), `${path}.price.minorUnits`, 'FIELD_RANGE');
}
