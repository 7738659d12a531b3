import type { Alternative, Criterion, Overlay, Question, Tier } from '../definition/definition.ts';
import { plainCircumstances, type Evaluate, type FirmCase } from '../deciding/firm-case.ts';
import { withOverlays } from '../deciding/overlay.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

/** The firm: what is known of it so far, and its size class, empty for none. */
export type QuestionnaireRequest = {
  sizeClass: string;
  roles: string[];
  tiers: string[];
  facts: FirmCase['facts'];
  asOf: string;
};

type ListedQuestion = {
  question: Question;
  /** Criteria and size classes it serves. */
  criteria: string[];
  /** Whether it is certain to be put, or depends on an answer that is still missing. */
  when: 'always' | 'depends';
};

type ListedEvidence = { criterion: string; tier: string; alternatives: Alternative[] };

export type Effort = { questions: number; questionsIfTheyApply: number; documents: string[] };

export type Questionnaire = {
  tiers: string[];
  questions: ListedQuestion[];
  evidence: ListedEvidence[];
  overlays: string[];
};

/** The questions for a firm of this size, with the evidence accepted for each, for the tiers it wants and may apply for. */
export function questionsFor(
  definition: ProgrammeDefinition,
  request: QuestionnaireRequest,
  evaluate: Evaluate,
): Questionnaire {
  const firm: FirmCase = {
    asOf: request.asOf,
    roles: request.roles,
    appliedFor: request.tiers,
    designatedFor: [],
    holds: [],
    facts: request.facts,
    evidence: [],
    group: [],
  };
  const questions = new Map<string, ListedQuestion>();
  const evidence: ListedEvidence[] = [];
  const used = new Set<string>();
  const tiers = definition.tiers.filter((tier) => isOpenTo(tier, request));
  for (const tier of tiers) {
    const overlays = definition.overlays.filter((overlay) => holds(overlay, tier));
    overlays.forEach(({ id }) => used.add(id));
    const effective = withOverlays(definition, overlays);
    for (const size of effective.sizeClasses) addQuestions(effective, size);
    for (const criterion of effective.criteria.filter(({ id }) => tier.criteria.includes(id))) {
      addQuestions(effective, criterion);
      const open = criterion.evidence.filter(({ when }) => answer(when) !== 'not_met');
      if (open.length > 0) evidence.push({ criterion: criterion.id, tier: tier.id, alternatives: open });
    }
  }
  return {
    tiers: tiers.map(({ id }) => id),
    questions: [...questions.values()],
    evidence,
    overlays: [...used],
  };

  function holds({ tiers: of, when }: Overlay, tier: Tier): boolean {
    return of.includes(tier.id) && answer(when) === 'met';
  }

  function answer(when: string | undefined) {
    return when === undefined ? 'met' : evaluate(when, plainCircumstances(firm, request.sizeClass)).outcome;
  }

  function addQuestions(effective: ProgrammeDefinition, asking: Pick<Criterion, 'id' | 'questions'>): void {
    for (const id of asking.questions) {
      const question = effective.questions.find((each) => each.id === id);
      const shown = answer(question?.showIf);
      if (question === undefined || shown === 'not_met') continue;
      const before = questions.get(id);
      const criteria = [...new Set([...(before?.criteria ?? []), asking.id])];
      questions.set(id, { question, criteria, when: shown === 'met' ? 'always' : 'depends' });
    }
  }
}

/**
 * The effort of the answers: questions, and the documents of the ways of proving that need the fewest, each counted once however
 * many criteria it proves; with that which proves the size class.
 */
export function effortOf(
  { questions, evidence }: Questionnaire,
  { sizeClasses }: Pick<ProgrammeDefinition, 'sizeClasses'>,
  sizeClass: string,
): Effort {
  const proof = sizeClasses.find(({ id }) => id === sizeClass)?.proof;
  const documents = new Set<string>(proof == null ? [] : [proof]);
  for (const { alternatives } of evidence) {
    const more = alternatives.map(({ all }) => all.filter((each) => !documents.has(each)));
    more.toSorted((a, b) => a.length - b.length)[0]?.forEach((each) => documents.add(each));
  }
  const always = questions.filter(({ when }) => when === 'always').length;
  return { questions: always, questionsIfTheyApply: questions.length - always, documents: [...documents] };
}

function isOpenTo({ id, entry, polarity, roles, sizeClasses }: Tier, request: QuestionnaireRequest): boolean {
  if (entry !== 'apply' || polarity !== 'granted') return false;
  if (request.tiers.length > 0 && !request.tiers.includes(id)) return false;
  if (request.roles.length > 0 && roles.length > 0 && !roles.some((role) => request.roles.includes(role)))
    return false;
  return sizeClasses === undefined || sizeClasses.includes(request.sizeClass);
}
