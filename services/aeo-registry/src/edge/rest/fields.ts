import { z } from 'zod';
import { idPairPattern, idPattern, isPlainText } from '@aeo/platform/field-formats';
import { isDay } from '@aeo/programmes';
import { countsMax, lengthsMax, years } from '../field-rules.ts';

export const id = z.string().regex(idPattern);

/** @param lengthMax in UTF-16 code units */
const plainText = (lengthMax: number) => z.string().refine((text) => isPlainText(text, lengthMax));

export const name = plainText(lengthsMax.name);
export const reason = plainText(lengthsMax.reason);
export const note = plainText(lengthsMax.note);

/** A calendar day within the accepted years. */
export const day = z
  .string()
  .refine(isDay)
  .check((context) => requireYear(context));

/** As ISO 8601, in UTC with milliseconds whatever it came as. */
export const instant = z.iso
  .datetime({ offset: true })
  .check((context) => requireYear(context))
  .transform((text) => new Date(text).toISOString());

function requireYear({ value, issues }: z.core.ParsePayload<string>): void {
  const [code, bound] =
    value < years.first
      ? (['too_small', { minimum: Number(years.first) }] as const)
      : (['too_big', { maximum: Number(years.end) }] as const);
  if (value >= years.first && value < years.end) return;
  issues.push({ code, ...bound, origin: 'date', input: value } as never);
}

const text = plainText(lengthsMax.text);

/** The value of a fact. */
export const factValue = z.union([
  z.boolean(),
  z.number().min(-1e15).max(1e15),
  text,
  z.array(text).max(countsMax.items),
]);

export const facts = (value: z.ZodType) =>
  z.record(id, value).refine((given) => Object.keys(given).length <= countsMax.facts);

export const idList = z.array(id).max(countsMax.ids);

/** The length of a page of a list, and the `nextCursor` of the page before. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().regex(idPairPattern).or(z.literal('')).default(''),
};
