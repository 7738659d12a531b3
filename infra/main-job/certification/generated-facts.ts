import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRules } from '@aeo/aeo-registry';
import { problemsOfCase, type FirmCase, type ProgrammeDefinition } from '@aeo/programmes';
import type { HistoryOperator } from './operators.ts';

/** A value, or a count of the firm's own declarations times a factor. */
type Value = FirmCase['facts'][string];
type Counted = { declarationsOf: 'year' | 'firstHalf' | 'secondHalf'; times: number };

/** A kind of firm: what it applies for, and its generated facts. */
export type Profile = {
  id: string;
  /** Of the firms that apply; all shares together are 1. */
  share: number;
  /** Whether it is meant to come in by the programme's ways for small firms. */
  small: boolean;
  tiers: string[];
  roles: string[];
  facts: Record<string, Value | Counted>;
  evidence: string[];
};

/** How facts are generated that the declarations do not contain; `docs/decisions/0030` says why. */
export type GeneratedFacts = {
  programme: string;
  label: 'generated';
  rule: string;
  applyFromDeclarations: number;
  profiles: Profile[];
};

/** A programme under which the run certifies firms, with their generated facts. */
export type ProgrammeRun = { definition: ProgrammeDefinition; generated: GeneratedFacts; file: string };

const folder = 'infra/data/generated-facts';

/** Programmes for which facts can be generated. */
export function programmesWithFacts(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/**
 * The version of a programme that is in force, with the rule for the facts of its firms.
 *
 * @throws Error naming the file and what in it the programme does not have
 */
export function programmeRun(id: string, today: string): ProgrammeRun {
  const file = join(folder, `${id}.json`);
  const generated = JSON.parse(readFileSync(file, 'utf8')) as GeneratedFacts;
  const definition = loadRules().programmes.inForce(id, today);
  if (definition === undefined) throw new Error(`${file}: no version of ${id} is in force on ${today}`);
  const problems = problemsOf(generated, definition, today);
  if (problems.length > 0) throw new Error([`${file} cannot be used:`, ...problems].join('\n  '));
  return { definition, generated, file };
}

/** Under which programmes firms are certified, and the day on which that is; the demonstration's alone without any. */
export type Programmes = { runs: readonly ProgrammeRun[]; today: string };

/** @throws Error where the generated facts of a programme do not fit it */
export function loadProgrammes(ids: readonly string[]): Programmes {
  const today = new Date().toISOString().slice(0, 10);
  return { runs: ids.map((id) => programmeRun(id, today)), today };
}

const exampleFirm = { operatorId: 'example', declarations: 12, byMonth: Array.from({ length: 12 }, () => 1) };

function problemsOf(
  { profiles, programme, label }: GeneratedFacts,
  definition: ProgrammeDefinition,
  today: string,
): string[] {
  const sum = profiles.reduce((total, { share }) => total + share, 0);
  return [
    ...(programme === definition.id ? [] : [`programme: it is ${definition.id}`]),
    ...(label === 'generated' ? [] : ['label: must be generated']),
    ...(Math.abs(sum - 1) < 1e-9 ? [] : [`profiles: their shares together are ${sum}, not 1`]),
    ...profiles.flatMap((profile) =>
      problemsOfCase(definition, firmCaseOf(profile, exampleFirm, definition, today)).map(
        (problem) => `profiles.${profile.id}.${problem}`,
      ),
    ),
  ];
}

/** The profile in whose share a number between 0 and 1 falls that the operator's id is hashed to. */
export function profileOf(
  { profiles, programme }: GeneratedFacts,
  { operatorId }: Pick<HistoryOperator, 'operatorId'>,
): Profile {
  const hash = createHash('sha256').update(`${programme}|${operatorId}`).digest();
  let place = hash.readUInt32BE(0) / 2 ** 32;
  const found = profiles.find(({ share }) => (place -= share) < 0) ?? profiles.at(-1);
  if (found === undefined) throw new Error(`${programme}: no profile`);
  return found;
}

type Firm = Pick<HistoryOperator, 'operatorId' | 'declarations' | 'byMonth'>;

/** The facts of a profile for one firm; halves are those of the programme's fiscal year. */
export function factsOf(
  { facts }: Profile,
  { declarations, byMonth }: Firm,
  { fiscalYearStart }: Pick<ProgrammeDefinition, 'fiscalYearStart'>,
): Record<string, Value> {
  const begins = Number(fiscalYearStart.slice(0, 2)) - 1;
  const isInFirst = (month: number) => (month - begins + 12) % 12 < 6;
  const firstHalf = byMonth.reduce((sum, count, month) => sum + (isInFirst(month) ? count : 0), 0);
  const counts = { year: declarations, firstHalf, secondHalf: declarations - firstHalf };
  const valueOf = (value: Value | Counted): Value =>
    typeof value === 'object' && 'declarationsOf' in value
      ? counts[value.declarationsOf] * value.times
      : value;
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, valueOf(value)]));
}

/** The holder of each document that belongs to a person. */
export const generatedPerson = { personId: 'made-up', name: 'Made up', position: 'Customs matters' };

/** Documents are a month old. */
export function issuedOn(today: string): string {
  return new Date(Date.parse(today) - 30 * 86_400_000).toISOString().slice(0, 10);
}

/** A firm of a profile as the programme decides about it. */
export function firmCaseOf(
  profile: Profile,
  firm: Firm,
  definition: Pick<ProgrammeDefinition, 'evidenceTypes' | 'fiscalYearStart'>,
  today: string,
): FirmCase {
  const { evidenceTypes } = definition;
  const isPersonBound = (type: string) => evidenceTypes.find(({ id }) => id === type)?.personBound === true;
  return {
    asOf: today,
    roles: profile.roles,
    appliedFor: profile.tiers,
    designatedFor: [],
    holds: [],
    facts: factsOf(profile, firm, definition),
    group: [],
    evidence: profile.evidence.map((type) => ({
      type,
      issuedOn: issuedOn(today),
      validUntil: null,
      ...(isPersonBound(type) ? { person: generatedPerson.personId } : {}),
    })),
  };
}
