import { z } from 'zod';

/** What answers are made of. They describe what is there, so their bounds are those of what was let in. */

export const strings = z.array(z.string());

/** A text by language. */
export const texts = z.record(z.string(), z.string());

export const day = z.iso.date();

export const instant = z.iso.datetime();

const list: z.ZodType<readonly string[]> = strings;
export const factValue = z.union([z.number(), z.boolean(), z.string(), list]);
