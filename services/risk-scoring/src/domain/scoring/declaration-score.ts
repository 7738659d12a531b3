import { observe, type ScorableItem } from './observation.ts';
import { baseScore, score, type Contribution, type Scorecard } from './scorecard.ts';

/** The declaration's base score is that of its highest item, and so are the contributions shown. */
export function scoreDeclaration(
  scorecard: Scorecard,
  items: readonly ScorableItem[],
): { base: number; itemIndex: number; contributions: Contribution[] } {
  const highest = items
    .map((item, itemIndex) => ({ ...score(scorecard, observe(item)), itemIndex }))
    .reduce((best, each) => (each.probability > best.probability ? each : best));
  const { itemIndex, contributions } = highest;
  return { base: baseScore(highest.probability), itemIndex, contributions };
}
