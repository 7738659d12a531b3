import { programmeFor } from './decide-case.ts';
import type { Alternative } from '../definition/definition.ts';
import { plainCircumstances, provenBy, sizeClassOf, type Evaluate, type FirmCase } from './firm-case.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

/** What has to stay proven while a status is held: a size class or a criterion, and the ways of proving it, of which one is enough. */
export type RequiredEvidence = { of: string; anyOf: Alternative[] };

/**
 * What a tier rests on after it was granted: the proof of the size class it was granted to, where the programme says that
 * it must persist, and what belongs to a person, who may leave. Other documents were for the day of the decision.
 *
 * @param firm the case as it was decided
 */
export function requiredEvidence(
  definition: ProgrammeDefinition,
  firm: FirmCase,
  tierId: string,
  evaluate: Evaluate,
): RequiredEvidence[] {
  if (!restsOnAny(definition)) return [];
  return [...ofSize(definition, firm, evaluate), ...ofPersons(definition, firm, tierId, evaluate)];
}

/** Those that are not proven any more. */
export function missingEvidence(
  kept: readonly RequiredEvidence[],
  { evidenceTypes }: Pick<ProgrammeDefinition, 'evidenceTypes'>,
  firm: FirmCase,
): string[] {
  return kept.filter(({ anyOf }) => provenBy(anyOf, firm, evidenceTypes) === undefined).map(({ of }) => of);
}

function restsOnAny({ sizeClasses, evidenceTypes }: ProgrammeDefinition): boolean {
  return (
    sizeClasses.some(({ mustPersist }) => mustPersist === true) ||
    evidenceTypes.some(({ personBound }) => personBound)
  );
}

function ofSize(definition: ProgrammeDefinition, firm: FirmCase, evaluate: Evaluate): RequiredEvidence[] {
  const { sizeClass } = sizeClassOf(definition, firm, evaluate);
  const size = definition.sizeClasses.find(({ id }) => id === sizeClass);
  if (size?.mustPersist !== true || size.proof === null) return [];
  return [{ of: size.id, anyOf: [{ id: size.proof, label: size.label, all: [size.proof] }] }];
}

function ofPersons(
  definition: ProgrammeDefinition,
  firm: FirmCase,
  tierId: string,
  evaluate: Evaluate,
): RequiredEvidence[] {
  const effective = programmeFor(definition, firm, [tierId], evaluate);
  const { sizeClass } = sizeClassOf(definition, firm, evaluate);
  const circumstances = plainCircumstances(firm, sizeClass);
  const isOpen = ({ when }: Alternative) =>
    when === undefined || evaluate(when, circumstances).outcome === 'met';
  const tier = effective.tiers.find(({ id }) => id === tierId);
  const isOfPerson = (type: string) =>
    effective.evidenceTypes.some(({ id, personBound }) => id === type && personBound);
  return effective.criteria.flatMap(({ id, evidence: ways }) => {
    if (tier?.criteria.includes(id) !== true) return [];
    const evidence = ways.filter(isOpen);
    const used = evidence.find(({ id: way }) => way === provenBy(evidence, firm, effective.evidenceTypes));
    const ofPerson = used?.all.filter(isOfPerson) ?? [];
    if (used === undefined || ofPerson.length === 0) return [];
    const others = evidence.filter((way) => way !== used);
    return [{ of: id, anyOf: [{ ...used, all: ofPerson }, ...others] }];
  });
}
