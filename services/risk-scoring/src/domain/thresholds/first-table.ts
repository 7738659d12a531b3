import { scoreKeptDays, windowDays } from './threshold-settings.ts';
import {
  thresholdsFor,
  thresholdTable,
  type ThresholdSettings,
  type ThresholdTable,
} from './threshold-table.ts';

export type DeclarationScore = { declarationId: string; office: string; declaredOn: string; base: number };

export type FirstTable = {
  table: ThresholdTable;
  endsOn: string;
  /** The scores that thresholds may need later, each with whether this table selects it. */
  scores: (DeclarationScore & { selected: boolean })[];
};

/** The table from the scores of past declarations, in the window that ends with the newest of them. */
export function firstTable(scores: readonly DeclarationScore[], settings: ThresholdSettings): FirstTable {
  const endsOn = scores.reduce((last, { declaredOn }) => (declaredOn > last ? declaredOn : last), '');
  const cells = scores
    .filter(({ declaredOn }) => isWithin(windowDays, declaredOn, endsOn))
    .map(({ office, base }) => ({ office, base, count: 1, selected: 0 }));
  const table = thresholdTable(cells, settings);
  const kept = scores
    .filter(({ declaredOn }) => isWithin(scoreKeptDays, declaredOn, endsOn))
    .map((score) => ({ ...score, selected: score.base >= thresholdsFor(table, score.office).red }));
  return { table, endsOn, scores: kept };
}

const dayMs = 86_400_000;

function isWithin(days: number, day: string, endsOn: string): boolean {
  return Date.parse(endsOn) - Date.parse(day) < days * dayMs;
}
