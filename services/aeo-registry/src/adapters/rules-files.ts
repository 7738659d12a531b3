import { fileURLToPath } from 'node:url';
import { evaluate, loadProgrammes, programmesFolder, workingDaysOf } from '@aeo/programmes/files';
import { identifierChecker, readSchemes } from './identifier-schemes.ts';
import type { DecisionContext } from '../domain/operator/decide.ts';

/** The rules of a decision, apart from its actor and time. */
export type Rules = Pick<DecisionContext, 'programmes' | 'evaluate' | 'workingDaysOf' | 'checkIdentifier'>;

/** The programmes of this registry, their evaluation, and the identifier schemes. @throws Error with the name of a file that cannot be used */
export function loadRules(): Rules {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const programmes = loadProgrammes(programmesFolder);
  const checkIdentifier = identifierChecker(readSchemes(file('../../identifier-schemes.json')));
  return { programmes, evaluate, workingDaysOf, checkIdentifier };
}
