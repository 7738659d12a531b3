import type { PatchStep, Overlay } from '../definition/definition.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

/** What an overlay may change; who may hold what, and the sources, it may not. */
export const patchable = ['criteria', 'clocks', 'validity', 'benefits', 'obligations', 'questions'] as const;

/**
 * The programme as it is for firms to which these overlays apply. The definition itself stays as it is.
 *
 * @throws Error naming a path that leads nowhere, which a checked programme has none of
 */
export function withOverlays(
  definition: ProgrammeDefinition,
  overlays: readonly Overlay[],
): ProgrammeDefinition {
  if (overlays.length === 0) return definition;
  const { patched, astray } = patchedBy(definition, overlays);
  const [first] = astray;
  if (first !== undefined) throw new Error(`overlay ${first.id}: ${first.path} leads nowhere`);
  return patched;
}

/** The same, with the steps that lead nowhere after those before them, by their place in their overlay. */
export function patchedBy(
  definition: ProgrammeDefinition,
  overlays: readonly Overlay[],
): { patched: ProgrammeDefinition; astray: { id: string; index: number; path: string }[] } {
  const patched = structuredClone(definition);
  const astray = overlays.flatMap(({ id, patch }) =>
    patch.flatMap((step, index) => (setAt(patched, step) ? [] : [{ id, index, path: step.path }])),
  );
  return { patched, astray };
}

/** The value at a path such as `criteria.activity.parameters.minimum`: members of lists go by their ids. */
export function valueAt(definition: ProgrammeDefinition, path: string): unknown {
  return path.split('.').reduce<unknown>(memberOf, definition);
}

function setAt(definition: ProgrammeDefinition, { path, value }: PatchStep): boolean {
  const segments = path.split('.');
  const last = segments.pop() ?? '';
  const parent = segments.reduce<unknown>(memberOf, definition);
  if (typeof parent !== 'object' || parent === null || Array.isArray(parent)) return false;
  if (!Object.hasOwn(parent, last)) return false;
  (parent as Record<string, unknown>)[last] = structuredClone(value);
  return true;
}

function memberOf(parent: unknown, name: string): unknown {
  if (Array.isArray(parent)) return parent.find((each) => idOf(each) === name) as unknown;
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, name)) return undefined;
  return (parent as Record<string, unknown>)[name];
}

function idOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as { id?: unknown }).id : undefined;
}
