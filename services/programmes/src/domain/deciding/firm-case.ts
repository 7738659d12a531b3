import type { Alternative, Day, EvidenceType, FactType, SizeClass } from '../definition/definition.ts';
import { plusDays, type Period } from '../time/days.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

export type FactValue = number | boolean | string | readonly string[];

export type Outcome = 'met' | 'not_met' | 'unknown';

export type Circumstances = {
  facts: Readonly<Record<string, FactValue | undefined>>;
  parameters: Readonly<Record<string, number | string>>;
  lookback: Period | undefined;
  sizeClass: string;
  roles: readonly string[];
  asOf: Day;
};

/** For a predicate that is no criterion's: it has no parameters and looks back over nothing. */
export function plainCircumstances({ facts, roles, asOf }: FirmCase, sizeClass: string): Circumstances {
  return { facts, roles, asOf, parameters: {}, lookback: undefined, sizeClass };
}

/** Evaluates a predicate; three-valued, since a fact may not be known. */
export type Evaluate = (
  expression: string,
  circumstances: Circumstances,
) => { outcome: Outcome; factsRead: string[]; factsMissing: string[] };

export type EvidenceItem = {
  type: string;
  issuedOn: Day | null;
  validUntil: Day | null;
  /** Whose it is, where it belongs to a person. */
  person?: string | undefined;
};

/** A firm whose figures count in: wholly where it is linked, by its share where it is a partner. */
export type GroupMember = { relation: 'linked' | 'partner'; share: number; facts: Record<string, number> };

/** All that is known of a firm on the day it is decided about. What is not here is not known. */
export type FirmCase = {
  asOf: Day;
  roles: string[];
  /** Tiers asked for; empty for all that can be. */
  appliedFor: string[];
  designatedFor: string[];
  holds: string[];
  facts: Record<string, FactValue>;
  evidence: EvidenceItem[];
  group: GroupMember[];
};

export type SizeResult = { sizeClass: string; outcome: Outcome; proven: boolean };

/** The first class whose rule is met and proven; on doubt none, since a class only ever asks for less. */
export function sizeClassOf(
  { sizeClasses, evidenceTypes }: Pick<ProgrammeDefinition, 'sizeClasses' | 'evidenceTypes'>,
  firm: FirmCase,
  evaluate: Evaluate,
): { sizeClass: string; results: SizeResult[] } {
  const results = sizeClasses.map((each) => {
    const facts = each.groupAggregation === true ? factsOfGroup(firm) : firm.facts;
    const outcome = outcomeOf(each, { ...firm, facts }, evaluate);
    return { sizeClass: each.id, outcome, proven: isProven(each) };
  });
  const found = results.find(({ outcome, proven }) => outcome === 'met' && proven);
  return { sizeClass: found?.sizeClass ?? '', results };

  function isProven({ proof }: SizeClass): boolean {
    return proof === null || hasValid(proof, firm, evidenceTypes);
  }
}

function outcomeOf({ rule }: SizeClass, firm: FirmCase, evaluate: Evaluate): Outcome {
  return rule === 'unknown' ? 'unknown' : evaluate(rule, plainCircumstances(firm, '')).outcome;
}

/** Numbers of the firm and its group together; one that a member does not state is not known. */
function factsOfGroup({ facts, group }: FirmCase): Record<string, FactValue> {
  const sums = Object.entries(facts).map(([name, value]): [string, FactValue] => {
    if (typeof value !== 'number') return [name, value];
    const parts = group.map((member) => {
      const stated = Object.hasOwn(member.facts, name) ? member.facts[name] : undefined;
      return stated === undefined ? NaN : stated * (member.relation === 'linked' ? 1 : member.share);
    });
    return [name, parts.reduce((sum, part) => sum + part, value)];
  });
  return Object.fromEntries(sums.filter(([, value]) => !Number.isNaN(value)));
}

/** The first way of proving that is open to the firm and complete on the day; undefined where none is. */
export function provenBy(
  alternatives: readonly Alternative[],
  firm: FirmCase,
  evidenceTypes: readonly EvidenceType[],
): string | undefined {
  return alternatives.find(({ all }) => all.every((type) => hasValid(type, firm, evidenceTypes)))?.id;
}

/** A document holds through the last day of its validity; one that belongs to a person has to say whose it is. */
function hasValid(
  typeId: string,
  { evidence, asOf }: FirmCase,
  evidenceTypes: readonly EvidenceType[],
): boolean {
  const type = evidenceTypes.find(({ id }) => id === typeId);
  if (type === undefined) return false;
  return evidence.some((item) => {
    if (item.type !== typeId) return false;
    if (item.validUntil !== null && item.validUntil < asOf) return false;
    if (item.issuedOn !== null && item.issuedOn > asOf) return false;
    if (type.personBound && !item.person) return false;
    if (type.validForDays === null) return true;
    return item.issuedOn !== null && plusDays(item.issuedOn, type.validForDays) >= asOf;
  });
}

export const isOfType: Readonly<Record<FactType, (value: unknown) => boolean>> = {
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  text: (value) => typeof value === 'string',
  date: isDay,
  dates: (value) => Array.isArray(value) && value.every(isDay),
};

export function isDay(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const parsed = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value);
}

/** What cannot be in a case of this programme, by the path in it. */
export function problemsOfCase(definition: ProgrammeDefinition, firm: FirmCase): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(firm.facts)) {
    const fact = definition.facts.find(({ id }) => id === name);
    if (fact === undefined) problems.push(`facts.${name}: the programme has no such fact`);
    else if (!isOfType[fact.type](value)) problems.push(`facts.${name}: must be of type ${fact.type}`);
    else if (fact.choices && !fact.choices.includes(String(value)))
      problems.push(`facts.${name}: must be one of ${fact.choices.join(', ')}`);
  }
  const known = (list: readonly { id: string }[], ids: readonly string[], path: string) =>
    ids.forEach((id, index) => {
      if (!list.some((each) => each.id === id)) problems.push(`${path}.${index}: the programme has no ${id}`);
    });
  known(definition.roles, firm.roles, 'roles');
  known(definition.tiers, firm.appliedFor, 'appliedFor');
  known(definition.tiers, firm.designatedFor, 'designatedFor');
  known(definition.tiers, firm.holds, 'holds');
  known(
    definition.evidenceTypes,
    firm.evidence.map(({ type }) => type),
    'evidence',
  );
  return problems;
}
