import { createHash } from 'node:crypto';
import { canonical } from './canonical-json.ts';
import type { ProgrammeDefinition } from './programme.ts';

const known = new WeakMap<ProgrammeDefinition, string>();

/**
 * SHA-256, in hexadecimal, of all that a version says, its texts included, but not when it ends: a version is closed when
 * another follows. The order of its fields does not matter.
 */
export function hashOf(definition: ProgrammeDefinition): string {
  const held = known.get(definition);
  if (held !== undefined) return held;
  const hash = createHash('sha256')
    .update(canonical({ ...definition, effectiveTo: null }))
    .digest('hex');
  known.set(definition, hash);
  return hash;
}

/** A version of a programme under which files were submitted, as it was then. */
export type UsedVersion = { programmeId: string; version: number; hash: string; since: string };

/** What was changed, or taken away, although files were submitted under it; empty where nothing was. */
export function changedVersions(
  used: readonly UsedVersion[],
  versionOf: (id: string, version: number) => ProgrammeDefinition | undefined,
): UsedVersion[] {
  return used.filter(({ programmeId, version, hash }) => {
    const definition = versionOf(programmeId, version);
    return definition === undefined || hashOf(definition) !== hash;
  });
}
