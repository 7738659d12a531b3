import { readdirSync, readFileSync } from 'node:fs';
import { compileRule } from '@aeo/platform/cel';
import { factNames } from '@aeo/proto';
import { z } from 'zod';
import { ruleClasses, type RuleSet } from '../domain/rules/rule-set.ts';
import { purposes } from '../application/rules/rule-messages.ts';

const text = z.string().min(1).max(500);
const instant = z.iso.datetime({ offset: true }).optional();
const known = new Set<string>(factNames);

const expression = z.string().superRefine((source, context) => {
  try {
    compileRule(source);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
  for (const [, name = ''] of source.matchAll(/\bfacts\.(\w+)/g))
    if (!known.has(name)) context.addIssue({ code: 'custom', message: `there is no fact ${name}` });
});

const rule = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,60}$/),
  version: z.int().min(1),
  class: z.enum(ruleClasses),
  purpose: z.enum(Object.keys(purposes) as [string, ...string[]]),
  expression,
  texts: z.record(z.string().regex(/^[a-z]{2}$/), text),
  validFrom: instant,
  validUntil: instant,
});

const file = z.strictObject({
  id: z.string(),
  version: z.int().min(1),
  label: text,
  rules: z.array(rule).min(1).max(1_000),
});

/**
 * Reads a rule set and compiles its rules.
 *
 * @param id undefined where the folder has only one
 * @throws Error naming the file and every path in it that cannot be used
 */
export function loadRuleSet(folder: string, id = onlyOne(folder)): RuleSet {
  const path = `${folder}/${id}.json`;
  const read = file.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  const problems = read.success
    ? twice(read.data.rules.map((each) => each.id)).map((each) => `rules: ${each} is there twice`)
    : read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  if (!read.success || problems.length > 0)
    throw new Error(`${path} cannot be used:\n  ${problems.join('\n  ')}`);
  const { version, rules } = read.data;
  return { id, version, rules };
}

function onlyOne(folder: string): string {
  const ids = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length));
  const [id] = ids;
  if (id !== undefined && ids.length === 1) return id;
  throw new Error(
    `${folder} has ${ids.length} rule sets: RULE_SET must name one of ${ids.sort().join(', ')}`,
  );
}

function twice(ids: string[]): string[] {
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}
