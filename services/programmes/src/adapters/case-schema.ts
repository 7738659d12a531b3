import { z } from 'zod';
import type { FirmCase } from '../domain/deciding/firm-case.ts';
import { day, id } from './schema-parts.ts';

const evidenceItem = z.strictObject({
  type: id,
  issuedOn: day.nullable().default(null),
  validUntil: day.nullable().default(null),
  person: z.string().min(1).optional(),
});

const groupMember = z.strictObject({
  relation: z.enum(['linked', 'partner']),
  share: z.number().min(0).max(1).default(1),
  facts: z.record(z.string(), z.number()),
});

/** A case as a file: what is known of a firm, and when. What is left out is not known, or not there. */
const caseSchema = z.strictObject({
  asOf: day,
  roles: z.array(id).min(1),
  appliedFor: z.array(id).default([]),
  designatedFor: z.array(id).default([]),
  holds: z.array(id).default([]),
  facts: z
    .record(z.string(), z.union([z.number(), z.boolean(), z.string(), z.array(z.string())]))
    .default({}),
  evidence: z.array(evidenceItem).default([]),
  group: z.array(groupMember).default([]),
}) satisfies z.ZodType<FirmCase>;

/** Reads a case, `undefined` with what is wrong where it is none. */
export function readCase(value: unknown): { firm: FirmCase | undefined; problems: string[] } {
  const result = caseSchema.safeParse(value);
  if (result.success) return { firm: result.data, problems: [] };
  return {
    firm: undefined,
    problems: result.error.issues.map((each) => `${each.path.join('.')}: ${each.message}`),
  };
}
