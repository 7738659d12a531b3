import type { RetentionDays } from '../ports.ts';
import { scoreKeptDays } from '../domain/thresholds/threshold-settings.ts';

/** Three years, for which customs may come back to a declaration (as Article 103 of the Union Customs Code has it). */
const feedbackKeptDays = 1_096;

export const retentionDays: RetentionDays = { scores: scoreKeptDays, feedback: feedbackKeptDays };
