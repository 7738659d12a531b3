import type { Application } from '../application/application.ts';
import type { AppliedFor } from './event.ts';
import type { Operator } from './operator.ts';
import type { Fact, EvidenceItem, FactValue, FirmCase, ProgrammeDefinition } from '@aeo/programmes';

/**
 * Under which name a fact of a programme is kept: what shares a reuse key with facts of other programmes is the same
 * fact there, and is asked for once.
 */
export function statementKey(programmeId: string, { id, reuseKey }: Pick<Fact, 'id' | 'reuseKey'>): string {
  return reuseKey ?? `${programmeId}/${id}`;
}

type Asking = AppliedFor & Pick<Application, 'answers'>;

/**
 * What is known of an operator, as far as the programme reads it, as a case for a day: what the registry has on record,
 * what was said of it under this or another programme, and what a draft adds.
 */
export function firmCaseOf(
  operator: Operator,
  programme: ProgrammeDefinition,
  asOf: string,
  asking?: Partial<Asking>,
): FirmCase {
  const { tiers = [], roles = [], designatedFor = [], answers = {} } = asking ?? {};
  return {
    asOf,
    roles: roles.length > 0 ? roles : programme.roles.map(({ id }) => id),
    appliedFor: tiers,
    designatedFor,
    holds: heldTiers(operator, programme.id),
    facts: factsOf(operator, programme, answers),
    evidence: evidenceOf(operator, programme, asOf),
    group: Object.values(operator.particulars.groupFirm)
      .filter(({ until }) => until === null || until >= asOf)
      .map(({ relation, share, facts }) => ({ relation, share, facts })),
  };
}

function heldTiers({ certificates }: Operator, programmeId: string): string[] {
  return Object.values(certificates)
    .filter((held) => held.programmeId === programmeId && held.status === 'active')
    .map(({ tier }) => tier);
}

function factsOf(
  operator: Operator,
  { id, facts }: ProgrammeDefinition,
  answers: Record<string, FactValue>,
): Record<string, FactValue> {
  const onRecord = registryFacts(operator);
  const known = facts.flatMap((fact): [string, FactValue][] => {
    const stated = operator.statements[statementKey(id, fact)]?.value;
    const value =
      answers[fact.id] ?? stated ?? (Object.hasOwn(onRecord, fact.id) ? onRecord[fact.id] : undefined);
    return value === undefined ? [] : [[fact.id, value]];
  });
  return Object.fromEntries(known);
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

/** Documents of the programme's types; those of a person who has left prove nothing. */
function evidenceOf(operator: Operator, programme: ProgrammeDefinition, asOf: string): EvidenceItem[] {
  const { person: persons } = operator.particulars;
  return Object.values(operator.evidence)
    .filter(({ programmeId, person }) => {
      if (programmeId !== programme.id) return false;
      const leftOn = person === null ? null : persons[person]?.leftOn;
      return leftOn === null || (leftOn !== undefined && leftOn > asOf);
    })
    .map(({ type, issuedOn, validUntil, person }) => ({
      type,
      issuedOn,
      validUntil,
      ...(person === null ? {} : { person }),
    }));
}
