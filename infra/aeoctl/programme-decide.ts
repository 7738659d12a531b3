import {
  decideCase,
  problemsOfCase,
  type CaseDecision,
  type CriterionResult,
  type FirmCase,
  type ProgrammeDefinition,
} from '@aeo/programmes';
import { evaluate, readCase } from '@aeo/programmes/files';
import {
  CommandError,
  languageOf,
  readArguments,
  readJson,
  usableProgramme,
  type Answer,
} from './command.ts';

/** Decides a case and says why. */
export function decideCommand(args: readonly string[]): Answer {
  const { files, flags } = readArguments(args, ['language'], { least: 2, most: 2 });
  const [programmeFile = '', factsFile = ''] = files;
  const definition = usableProgramme(programmeFile);
  const language = languageOf(definition, flags['language']);
  const firm = usableCase(definition, factsFile);
  const decision = decideCase(definition, firm, evaluate);
  const granted = definition.tiers.filter(({ polarity }) => polarity === 'granted').map(({ id }) => id);
  const isGranted = Object.values(decision.tiers).some((tier) => tier !== null && granted.includes(tier));
  return { text: textOf(definition, decision, language), json: decision, code: isGranted ? 0 : 1 };
}

function usableCase(definition: ProgrammeDefinition, path: string): FirmCase {
  const { firm, problems } = readCase(readJson(path));
  const all = firm === undefined ? problems : problemsOfCase(definition, firm);
  if (firm === undefined || all.length > 0)
    throw new CommandError(
      [`${path} is no case of this programme:`, ...all.map((each) => `  ${each}`)].join('\n'),
    );
  return firm;
}

const words = { met: 'met    ', not_met: 'NOT MET', unknown: 'unknown' };

function textOf(definition: ProgrammeDefinition, decision: CaseDecision, language: string): string {
  const labelOf = (list: readonly { id: string; label: Record<string, string> }[], id: string) =>
    list.find((each) => each.id === id)?.label[language] ?? id;
  const held = Object.entries(decision.tiers).map(
    ([component, tier]) =>
      `  ${labelOf(definition.components, component)}: ${tier === null ? 'nothing' : labelOf(definition.tiers, tier)}`,
  );
  const tiers = decision.results.map(({ tier, outcome, closedBy, grade }) => {
    const why = closedBy === null ? words[outcome].trim() : `not open to it (${closedBy})`;
    const criteria = decision.criteria
      .filter((each) => each.tier === tier)
      .map((each) => lineOf(each, language));
    return [`${tier}: ${why}${grade === null ? '' : `, grade ${grade}`}`, ...criteria].join('\n');
  });
  return [
    `${definition.name[language]}, version ${decision.version}, as of ${decision.asOf}`,
    `Size class: ${decision.sizeClass || 'none'}`,
    ...decision.sizes
      .filter(({ outcome, proven }) => outcome === 'met' && !proven)
      .map(({ sizeClass }) => `  ${sizeClass}: met, not proven`),
    ...(isOutside(definition, decision.asOf) ? ['  This version is not in force on that day.'] : []),
    ...held,
    ...(decision.combination === null ? [] : [`  together: ${decision.combination}`]),
    '',
    ...tiers,
  ].join('\n');
}

function lineOf(result: CriterionResult, language: string): string {
  const { criterion, outcome, rule, ruleOutcome, requirement, facts, missingFacts, provenBy, alternatives } =
    result;
  const read = Object.entries(facts).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const notes = [
    ...read,
    ...(ruleOutcome === 'unknown' && missingFacts.length > 0
      ? [`not known: ${missingFacts.join(', ')}`]
      : []),
    ...(provenBy === null ? [] : [`proven by ${provenBy}`]),
    ...(rule === 'unknown' ? ['the rule is not known'] : []),
    ...(ruleOutcome === 'met' && outcome === 'unknown' ? [`not proven (${alternatives.join(' or ')})`] : []),
    ...result.overlays.map((overlay) => `under ${overlay}`),
  ];
  return `  ${words[outcome]}  ${criterion}: ${requirement[language]}${notes.length > 0 ? `  [${notes.join('; ')}]` : ''}`;
}

function isOutside({ effectiveFrom, effectiveTo }: ProgrammeDefinition, day: string): boolean {
  return day < effectiveFrom || (effectiveTo !== null && day > effectiveTo);
}
