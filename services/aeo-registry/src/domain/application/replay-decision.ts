import type { CriterionResult, DecidedOn } from '../operator/operator.ts';
import { decideCase, type Evaluate, type Programmes } from '@aeo/programmes';
import { resultsOf } from './criterion-results.ts';

/**
 * Decides once more what was decided, from the facts and the version of the programme that were stored with it: for an
 * appeal, however much later.
 *
 * @throws Error where that version is not there any more
 */
export function replayDecision(
  { programmeId, programmeVersion, firm }: DecidedOn,
  { programmes, evaluate }: { programmes: Programmes; evaluate: Evaluate },
): CriterionResult[] {
  const definition = programmes.version(programmeId, programmeVersion);
  if (definition === undefined)
    throw new Error(`version ${programmeVersion} of ${programmeId} is not there any more`);
  return resultsOf(decideCase(definition, firm, evaluate));
}
