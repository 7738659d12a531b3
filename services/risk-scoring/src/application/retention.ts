import type { Kept } from '../ports.ts';
import { scoreKeptDays } from '../domain/thresholds/threshold-settings.ts';

/** Three years, for which customs may come back to a declaration (as Article 103 of the Union Customs Code has it). */
const feedbackKeptDays = 1_096;

/** For how long what is recorded is kept. */
export const kept: Kept = { scoreDays: scoreKeptDays, feedbackDays: feedbackKeptDays };
