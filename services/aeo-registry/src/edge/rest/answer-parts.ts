import { z } from 'zod';

/** Parts of answers. They have no bounds of their own: what is stored was checked when it came in. */

export const strings = z.array(z.string());

/** A text by language. */
export const texts = z.record(z.string(), z.string());

export const day = z.iso.date();

export const instant = z.iso.datetime();

const list: z.ZodType<readonly string[]> = strings;
export const factValue = z.union([z.number(), z.boolean(), z.string(), list]);
