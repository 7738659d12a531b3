import type { Operator } from './operator.ts';
import type { FactValue, FirmCase } from './programme/firm-case.ts';
import type { ProgrammeDefinition } from './programme/programme.ts';

/** What the registry itself knows of an operator, as far as the programme reads it, as a case for a day. */
export function firmOf(operator: Operator, { facts, roles }: ProgrammeDefinition, asOf: string): FirmCase {
  const known = Object.entries(registryFacts(operator)).filter(([name]) =>
    facts.some(({ id }) => id === name),
  );
  return {
    asOf,
    // The registry does not know yet in which roles an operator acts.
    roles: roles.map(({ id }) => id),
    ...{ appliedFor: [], designatedFor: [], holds: [], evidence: [], group: [] },
    facts: Object.fromEntries(known),
  };
}

/** Facts of all origins together; none when nothing was recorded. Without controls there is no share of findings. */
function registryFacts({ facts, profile }: Operator): Record<string, FactValue> {
  const all = Object.values(facts);
  if (all.length === 0) return {};
  const sum = (name: 'declarations' | 'controls' | 'findings') =>
    all.reduce((total, each) => total + each[name], 0);
  const [declarations, controls, findings] = [sum('declarations'), sum('controls'), sum('findings')];
  const share = controls > 0 ? { findingsShare: findings / controls } : {};
  return { declarations, controls, findings, ...share, declaredSize: profile.sizeClass };
}
