import { clearanceDecision, common } from '../vocabulary.ts';
import type { Decision } from './settle.ts';

const { Lane, Stage } = common;

/**
 * True while a decision may be replaced by a later revision of its stage: before presentation always, afterwards only
 * where it is degraded and waits for documents. Goods in another lane are released, or their control is ordered.
 */
export function isOpen({
  provisional,
  stage,
  lane,
}: Pick<Decision, 'provisional' | 'stage' | 'lane'>): boolean {
  return provisional && (stage !== Stage.PRESENTATION || lane === Lane.YELLOW);
}

/**
 * True where a new revision would say nothing new: lane, selection, matches, the party that is credited for each
 * purpose and the reasons without benefit are the same. Scores, thresholds and the points they are worth move all the
 * time, and each node sees other ones; a revision for those alone would be followed by the next.
 */
export function hasSameOutcome(one: Decision, other: Decision): boolean {
  return bytesOf(one).equals(bytesOf(other));
}

function bytesOf(decision: Decision): Buffer {
  const { Decision: type } = clearanceDecision;
  return Buffer.from(type.encode(type.fromPartial({ ...decision, ...withoutMeasures(decision) })).finish());
}

function withoutMeasures({ assessments }: Decision) {
  return {
    revision: 0,
    evaluatedAt: undefined,
    freshness: [],
    features: [],
    modelId: '',
    modelVersion: 0n,
    ruleSetVersion: 0,
    mandatorySetVersion: 0,
    assessments: assessments.map(({ purpose, creditedMatch, lane }) => ({ purpose, creditedMatch, lane })),
  };
}
