import { clearanceDecision } from '@aeo/proto';
import { expect, test } from 'vitest';
import { common } from '../vocabulary.ts';
import { explain } from './explain.ts';

const { Lane, RuleClass } = common;

test.each([
  [RuleClass.LEGAL_CONTROL, false, 'Rule live-animals, version 2 (legal control), was met.'],
  [
    RuleClass.DOCUMENT_CHECK,
    true,
    'Rule live-animals, version 2 (document check), could not be answered for want of a fact.',
  ],
])('a rule of class %i, unanswered %s, is told as it was', (ruleClass, unanswered, sentence) => {
  const decision = clearanceDecision.Decision.fromPartial({
    lane: Lane.RED,
    laneWithoutStatus: Lane.RED,
    ruleHits: [{ ruleId: 'live-animals', version: 2, ruleClass, unanswered }],
  });
  expect(explain(decision)).toEqual(['Lane red; without any status it would have been red.', sentence]);
});
