import { fileURLToPath } from 'node:url';
import { evaluate, loadProgrammes } from './adapters/programme-files.ts';
import { workingDaysOf } from './adapters/working-days.ts';
import type { World } from './domain/decide.ts';

/** What the domain decides by, apart from who asks and when. */
export type Rules = Pick<World, 'programmes' | 'evaluate' | 'workingDaysOf'>;

/** The programmes of this registry, and what evaluates their rules. @throws Error naming a file that cannot be used */
export function loadRules(): Rules {
  const programmes = loadProgrammes(fileURLToPath(new URL('../programmes', import.meta.url)));
  return { programmes, evaluate, workingDaysOf };
}
