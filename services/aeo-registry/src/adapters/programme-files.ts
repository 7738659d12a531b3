import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileRule, type Rule } from '@aeo/platform/cel';
import { z } from 'zod';
import type { World } from '../domain/decide.ts';
import { idPattern } from '../domain/names.ts';
import type { Programme } from '../domain/programme.ts';

const text = z.string().min(1);
const role = z.enum(['importer', 'exporter', 'declarant', 'seller', 'carrier']);
const credits = z.partialRecord(role, z.int().min(0).max(1000));
const rule = text.superRefine((expression, context) => {
  try {
    compileRule(expression);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});
const criterion = z.object({ id: text, expression: rule, text: z.record(z.string(), text) });
const purpose = z.enum(['safety_security', 'fiscal_compliance', 'other_legal']);
const programme = z.strictObject({
  id: z.string().regex(idPattern),
  version: z.int().min(1),
  label: text,
  component: text,
  purposes: z.array(purpose).min(1),
  reapplicationBarDays: z.int().min(0).max(36_500),
  tiers: z.array(z.strictObject({ id: text, credits, criteria: z.array(criterion).min(1) })).min(1),
  overlays: z.array(z.strictObject({ id: text, when: rule, tier: text, criterion })),
});

/**
 * Loads every programme of a folder and compiles its rules.
 *
 * @throws Error naming the file and the path in it
 */
export function loadProgrammes(folder: string): Pick<World, 'programmes' | 'evaluate'> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const loaded = files.map((file) => readProgramme(join(folder, file)));
  const rules = new Map<string, Rule>();
  const evaluate: World['evaluate'] = (expression, facts) => {
    const compiled = rules.get(expression) ?? compileRule(expression);
    rules.set(expression, compiled);
    return compiled(facts);
  };
  return { programmes: new Map(loaded.map((each) => [each.id, each])), evaluate };
}

export function readProgramme(path: string): Programme {
  const result = programme.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`${path}: ${problems.join('; ')}`);
  }
  const overlay = result.data.overlays.findIndex(
    ({ tier, criterion: { id } }) => !patches(result.data, tier, id),
  );
  if (overlay >= 0) throw new Error(`${path}: overlays.${overlay}: replaces no criterion of any tier`);
  return result.data;
}

function patches({ tiers }: z.infer<typeof programme>, tier: string, criterionId: string): boolean {
  return tiers.some((each) => each.id === tier && each.criteria.some(({ id }) => id === criterionId));
}
