import { cases, type Case } from './cases.ts';
import { fullDiskCases } from './full-disk.ts';

/** Every trial, by its name. */
export const allCases: Readonly<Record<string, Case>> = { ...cases, ...fullDiskCases };
