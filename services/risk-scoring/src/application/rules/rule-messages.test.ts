import { expect, test } from 'vitest';
import type { RiskRule } from '../../domain/rules/rule-set.ts';
import { mandatoryMessages } from './rule-messages.ts';

const ruleOf = (id: string, ruleClass: RiskRule['class'] = 'legal_control'): RiskRule => ({
  id,
  version: 1,
  class: ruleClass,
  purpose: 'other_legal',
  expression: 'true',
  texts: { en: id },
});

test('a set publishes its mandatory rules, and withdraws those that are gone', () => {
  const set = { id: 'set', version: 2, rules: [ruleOf('kept'), ruleOf('papers', 'document_check')] };
  const messages = mandatoryMessages(set, [ruleOf('kept'), ruleOf('gone')]);
  expect(messages.map(({ ruleId, withdrawn }) => [ruleId, withdrawn])).toEqual([
    ['kept', false],
    ['gone', true],
  ]);
  expect(messages.every(({ setVersion, setSize }) => setVersion === 2 && setSize === 2)).toBe(true);
});
