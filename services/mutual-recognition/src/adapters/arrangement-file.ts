import { readFileSync } from 'node:fs';
import { countryPattern } from '@aeo/platform/field-formats';
import { z } from 'zod';
import type { Arrangement } from '../domain/arrangement/arrangement.ts';
import { directions, purposes, roles, transportModes } from '../application/proto-names.ts';

const side = z.strictObject({
  administration: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  country: z.string().regex(countryPattern),
});
const oneOf = (list: Record<string, number>) => z.enum(Object.keys(list) as [string, ...string[]]);

const file = z.strictObject({
  id: z.string(),
  version: z.int().min(1),
  label: z.string(),
  live: z.boolean(),
  sides: z.tuple([side, side]),
  purposes: z.array(oneOf(purposes)).min(1),
  credits: z.partialRecord(oneOf(roles), z.int().min(0).max(1000)),
  directions: z.array(oneOf(directions)).min(1),
  transportModes: z.array(oneOf(transportModes)).min(1),
  recognisedTiers: z.array(z.string().min(1)).min(1),
  removals: z.strictObject({ rows: z.int().min(0), permille: z.int().min(0).max(1000) }),
  listValidDays: z.int().min(1).max(366),
  demonstration: z.boolean(),
});

/**
 * Reads an arrangement as one of its two sides applies it.
 *
 * @throws Error naming the file and every path in it that cannot be used, or that the side is not a party to it
 */
export function loadArrangement(folder: string, id: string, administration: string): Arrangement {
  const path = `${folder}/${id}.json`;
  const read = file.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!read.success) {
    const problems = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`${path} cannot be used:\n  ${problems.join('\n  ')}`);
  }
  const { sides, credits, ...terms } = read.data;
  const own = sides.find((each) => each.administration === administration);
  const partner = sides.find((each) => each.administration !== administration);
  if (own === undefined || partner === undefined || read.data.id !== id)
    throw new Error(`${path}: ${administration} is not one of two sides of ${id}`);
  return { ...terms, credits: credits as Record<string, number>, own, partner };
}
