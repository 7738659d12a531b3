import { newId } from '@aeo/platform/ids';
import { captureTrace } from '@aeo/platform/trace';
import { common, contentHash, type clearanceService } from '@aeo/proto';
import type { Request } from '../../ports.ts';
import { checkDeclaration } from './declaration-rules.ts';
import { isKnown } from '@aeo/platform/field-formats';
import { fieldProblems, invalid } from '@aeo/platform/field-problems';

/**
 * The request behind a message, whichever way it came. A correlation id that cannot travel further (control
 * characters, or more than 128 characters) gives way to a new one.
 *
 * @throws AppError `invalid` with the path and code of the fields that cannot be used
 */
export function readRequest(
  message: Pick<clearanceService.AssessRequest, 'declaration' | 'stage' | 'probe'>,
  givenCorrelationId: string,
): Request {
  const { declaration: declared, stage, probe } = message;
  const problems = fieldProblems();
  problems.check(isKnown(common.Stage, stage), 'stage', 'FIELD_UNKNOWN_VALUE');
  problems.check(declared !== undefined, 'declaration', 'FIELD_REQUIRED');
  if (declared !== undefined) checkDeclaration(declared, problems);
  problems.refuseAny();
  if (declared === undefined) throw invalid([{ path: 'declaration', code: 'FIELD_REQUIRED' }]);
  const correlationId = /^[\x21-\x7e]{1,128}$/.test(givenCorrelationId) ? givenCorrelationId : newId();
  const inTrace = captureTrace();
  return { declaration: declared, contentHash: contentHash(declared), stage, probe, correlationId, inTrace };
}
