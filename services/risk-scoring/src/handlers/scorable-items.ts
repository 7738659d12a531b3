import { AppError, type FieldProblem } from '@aeo/platform/errors';
import { common, type declaration } from '@aeo/proto';
import type { ScorableItem } from '../domain/observation.ts';

type Declaration = declaration.Declaration;

/**
 * One scorable item for each item of the declaration.
 *
 * @param path where the declaration stands in the request, for the paths of problems
 * @throws AppError `invalid` with every field that cannot be used
 */
export function scorableItems(message: Declaration | undefined, path: string): ScorableItem[] {
  if (message === undefined) throw invalid([{ path, code: 'FIELD_REQUIRED' }]);
  const problems = problemsOf(message, path);
  if (problems.length > 0) throw invalid(problems);
  const party = (role: common.PartyRole) =>
    message.parties.find((each) => each.role === role)?.identifier?.value ?? '';
  const { PartyRole } = common;
  return message.items.map((item) => ({
    office: message.office,
    processType: message.processType,
    importType: message.importType,
    importUse: message.importUse,
    paymentType: message.paymentType,
    transportMode: message.transportModeCode,
    declarant: party(PartyRole.DECLARANT),
    importer: party(PartyRole.IMPORTER),
    seller: party(PartyRole.SELLER),
    carrier: party(PartyRole.CARRIER),
    hs6: item.hs6,
    dispatch: message.countryOfDispatch,
    origin: item.countryOfOrigin,
    taxType: item.taxType,
    originIndicator: item.originIndicator,
    netMass: Number(item.netMassGrams) / 1000,
    price: Number(item.price?.minorUnits ?? 0n),
    taxRate: item.taxRateBasisPoints / 100,
  }));
}

function problemsOf(message: Declaration, path: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const check = (holds: boolean, field: string, code: string) => {
    if (!holds) problems.push({ path: `${path}.${field}`, code });
  };
  check(/^[A-Za-z0-9-]{1,64}$/.test(message.declarationId), 'declarationId', 'FIELD_FORMAT');
  check(message.office !== '', 'office', 'FIELD_REQUIRED');
  check(isDay(message.declaredOn), 'declaredOn', 'FIELD_FORMAT');
  check(message.items.length > 0, 'items', 'FIELD_REQUIRED');
  check(message.items.length <= 999, 'items', 'BATCH_TOO_LARGE');
  message.items.forEach((item, index) => {
    check(/^\d{6}$/.test(item.hs6), `items[${index}].hs6`, 'FIELD_FORMAT');
    check(item.netMassGrams >= 0n, `items[${index}].netMassGrams`, 'FIELD_RANGE');
    check((item.price?.minorUnits ?? 0n) >= 0n, `items[${index}].price.minorUnits`, 'FIELD_RANGE');
    check(item.taxRateBasisPoints >= 0, `items[${index}].taxRateBasisPoints`, 'FIELD_RANGE');
  });
  return problems;
}

/** True for a day of the calendar written yyyy-mm-dd. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

export function invalid(fields: FieldProblem[]): AppError {
  const reason = fields[0]?.code ?? 'FIELD_FORMAT';
  return new AppError('invalid', reason, fields.map(({ path, code }) => `${path}: ${code}`).join(', '), {
    fields,
  });
}
