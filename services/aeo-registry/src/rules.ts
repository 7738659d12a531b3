import { fileURLToPath } from 'node:url';
import { evaluate, loadProgrammes } from './adapters/programme-files.ts';
import type { World } from './domain/decide.ts';

/** The programmes of this registry, and what evaluates their rules. @throws Error naming a file that cannot be used */
export function loadRules(): Pick<World, 'programmes' | 'evaluate'> {
  return { programmes: loadProgrammes(fileURLToPath(new URL('../programmes', import.meta.url))), evaluate };
}
