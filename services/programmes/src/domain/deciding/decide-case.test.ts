import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { evaluate, loadProgrammes } from '../../adapters/programme-files.ts';
import { decideCase } from './decide-case.ts';
import type { FirmCase } from './firm-case.ts';

const programme = loadProgrammes('services/programmes/files').version('cn-credit', 1)!;
const golden = JSON.parse(readFileSync('services/programmes/golden/cn-credit.1.json', 'utf8')) as {
  base: Partial<FirmCase> & Pick<FirmCase, 'facts'>;
};
const firm = (facts: FirmCase['facts']): FirmCase => ({
  asOf: '2025-06-30',
  roles: programme.roles.map(({ id }) => id),
  appliedFor: [],
  designatedFor: [],
  holds: [],
  evidence: [],
  group: [],
  ...golden.base,
  facts,
});

test('a sanction in doubt leaves the default tier and grants nothing', () => {
  expect(decideCase(programme, firm(golden.base.facts), evaluate).tiers).toEqual({
    credit: 'credit-advanced',
  });
  const doubtful = { ...golden.base.facts };
  delete doubtful['dishonestActs'];
  const decision = decideCase(programme, firm(doubtful), evaluate);
  expect(decision.tiers).toEqual({ credit: 'credit-regular' });
  expect(decision.results).toContainEqual(
    expect.objectContaining({ tier: 'credit-dishonest', outcome: 'unknown' }),
  );
});

test('a sanction whose rule is unknown is no doubt about the firm', () => {
  const criteria = programme.criteria.map((each) =>
    each.id === 'dishonest' ? { ...each, rule: 'unknown' } : each,
  );
  const decision = decideCase({ ...programme, criteria }, firm(golden.base.facts), evaluate);
  expect(decision.tiers).toEqual({ credit: 'credit-advanced' });
});
