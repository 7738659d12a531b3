import type { FieldProblem } from '@aeo/platform/errors';
import { isDay, isIdentifier, isKnown } from '@aeo/platform/field-formats';
import type { Check } from '@aeo/platform/field-problems';
import { common, type declaration } from '@aeo/proto';

const partiesMax = 20;
const itemsMax = 999;

/**
 * Every field of a declaration that cannot be used, by its path and code.
 *
 * @param path where the declaration stands in the request
 */
export function declarationProblems(declared: declaration.Declaration, path: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const check: Check = (holds, field, code) => {
    if (!holds) problems.push({ path: `${path}.${field}`, code });
  };
  check(/^[A-Za-z0-9-]{1,64}$/.test(declared.declarationId), 'declarationId', 'FIELD_FORMAT');
  check(declared.office !== '', 'office', 'FIELD_REQUIRED');
  check(isStorableDay(declared.declaredOn), 'declaredOn', 'FIELD_FORMAT');
  check(isKnown(common.DeclarationKind, declared.kind), 'kind', 'FIELD_UNKNOWN_VALUE');
  check(isKnown(common.Direction, declared.direction), 'direction', 'FIELD_UNKNOWN_VALUE');
  check(isKnown(common.TransportMode, declared.transportMode), 'transportMode', 'FIELD_UNKNOWN_VALUE');
  const { office, processType, importType, importUse, paymentType, transportModeCode } = declared;
  const { countryOfDispatch } = declared;
  checkTexts(
    { office, processType, importType, importUse, paymentType, transportModeCode, countryOfDispatch },
    check,
  );
  checkParties(declared, check);
  checkItems(declared.items, check);
  return problems;
}

/** Goods that enter have an importer, goods that leave an exporter; the other parties may be unnamed. */
function checkParties({ parties, direction }: declaration.Declaration, check: Check): void {
  const { PartyRole, Direction } = common;
  const needed = direction === Direction.EXPORT ? PartyRole.EXPORTER : PartyRole.IMPORTER;
  check(
    parties.some(({ role }) => role === needed),
    'parties',
    'PARTY_MISSING',
  );
  check(parties.length <= partiesMax, 'parties', 'BATCH_TOO_LARGE');
  parties.forEach(({ role, identifier }, index) => {
    const path = `parties[${index}]`;
    check(isKnown(PartyRole, role), `${path}.role`, 'FIELD_UNKNOWN_VALUE');
    check(identifier === undefined || isIdentifier(identifier), `${path}.identifier`, 'IDENTIFIER_FORMAT');
  });
}

function checkItems(items: declaration.Item[], check: Check): void {
  check(items.length > 0, 'items', 'FIELD_REQUIRED');
  check(items.length <= itemsMax, 'items', 'BATCH_TOO_LARGE');
  items.forEach((item, index) => {
    const path = `items[${index}]`;
    check(/^\d{6}$/.test(item.hs6), `${path}.hs6`, 'FIELD_FORMAT');
    check(item.netMassGrams >= 0n, `${path}.netMassGrams`, 'FIELD_RANGE');
    check((item.price?.minorUnits ?? 0n) >= 0n, `${path}.price.minorUnits`, 'FIELD_RANGE');
    check(item.taxRateBasisPoints >= 0, `${path}.taxRateBasisPoints`, 'FIELD_RANGE');
    const { countryOfOrigin, originIndicator, taxType } = item;
    checkTexts({ countryOfOrigin, originIndicator, taxType }, (holds, field, code) =>
      check(holds, `${path}.${field}`, code),
    );
  });
}

/** Codes are stored as text, which cannot hold a NUL; no code has a control character or this length. */
function checkTexts(texts: Record<string, string>, check: Check): void {
  for (const [field, text] of Object.entries(texts))
    check(/^\P{Cc}{0,256}$/u.test(text), field, 'FIELD_FORMAT');
}

/** True for a day from the year 1 on: the database has no year 0. */
export function isStorableDay(text: string): boolean {
  return isDay(text) && !text.startsWith('0000');
}
