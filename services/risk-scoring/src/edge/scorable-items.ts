import { invalid } from '@aeo/platform/field-problems';
import { common, type declaration } from '@aeo/proto';
import type { ScorableItem } from '../domain/scoring/observation.ts';
import { declarationProblems } from './declaration-problems.ts';

type Declaration = declaration.Declaration;

/**
 * One scorable item for each item of the declaration.
 *
 * @param path where the declaration stands in the request, for the paths of problems
 * @throws AppError `invalid` with every field that cannot be used
 */
export function scorableItems(message: Declaration | undefined, path: string): ScorableItem[] {
  if (message === undefined) throw invalid([{ path, code: 'FIELD_REQUIRED' }]);
  const problems = declarationProblems(message, path);
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
