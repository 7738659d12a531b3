import { z } from 'zod';
import { idPattern } from '@aeo/platform/field-formats';
import { isDay } from '../domain/deciding/firm-case.ts';

export function described<Schema extends z.ZodType>(schema: Schema, description: string): Schema {
  return schema.meta({ description });
}

export const day = z.string().refine(isDay, 'must be a day, YYYY-MM-DD').meta({ format: 'date' });

export const monthDay = z
  .string()
  .regex(
    /^((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|[12]\d))$/,
    'must be a month and day, MM-DD',
  );

export const id = z.string().regex(idPattern);

/** As in en, zh-Hant or pt-BR. */
export const language = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, 'must be a language, as in en or pt-BR');

/** A text by language; which languages it needs is said by the file. */
export const texts = z.record(language, z.string());

/** A value that was looked for and not found is written as the word unknown. */
export function unknownOr<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.literal('unknown')]);
}

export const sourced = {
  sources: described(z.array(id), 'Ids of the sources it was read in'),
  confidence: described(
    z.enum(['official', 'secondary', 'background', 'proposal']),
    'Where this value deserves less than its source',
  ).optional(),
  note: z.string().optional(),
};
