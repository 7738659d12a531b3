import {
  effortOf,
  questionsFor,
  type Effort,
  type ProgrammeDefinition,
  type Questionnaire,
} from '@aeo/programmes';
import { evaluate } from '@aeo/programmes/files';
import { CommandError, languageOf, readArguments, usableProgramme, type Answer } from './command.ts';

/** What an applicant of a size will be asked. */
export function questionsCommand(args: readonly string[]): Answer {
  const { files, flags } = readArguments(args, ['size', 'role', 'tier', 'language'], { least: 1, most: 1 });
  const definition = usableProgramme(files[0] ?? '');
  const language = languageOf(definition, flags['language']);
  const { size, role, tier } = flags;
  known(definition.sizeClasses, size, 'size class');
  known(definition.roles, role, 'role');
  known(definition.tiers, tier, 'tier');
  const today = new Date().toISOString().slice(0, 10);
  const ask = (sizeClass: string) =>
    questionsFor(
      definition,
      {
        sizeClass,
        roles: role === undefined ? [] : [role],
        tiers: tier === undefined ? [] : [tier],
        facts: {},
        asOf: today,
      },
      evaluate,
    );
  const asked = ask(size ?? '');
  const effort = effortOf(asked, definition, size ?? '');
  const others = size === undefined ? undefined : effortOf(ask(''), definition, '');
  const json = { ...asked, effort, ...(others === undefined ? {} : { effortOfOthers: others }) };
  return {
    text: [
      textOf(definition, asked, language),
      ...proofOf(definition, size, language),
      compared(size, effort, others),
    ].join('\n'),
    json,
    code: 0,
  };
}

/** What a firm of the size is asked beside what one of no size class is. */
function compared(size: string | undefined, effort: Effort, others: Effort | undefined): string {
  const line = (who: string, { questions, questionsIfTheyApply, documents }: Effort) =>
    `${who}: ${questions} questions, ${questionsIfTheyApply} more if they apply, ${documents.length} documents at least`;
  return [
    line(size ?? 'In all', effort),
    ...(others === undefined ? [] : [line('firms of no size class', others)]),
  ].join('\n');
}

/** What proves the size itself, which is among the documents that are counted. */
function proofOf(
  { sizeClasses, evidenceTypes }: ProgrammeDefinition,
  size: string | undefined,
  language: string,
) {
  const proof = sizeClasses.find(({ id }) => id === size)?.proof ?? null;
  if (size === undefined || proof === null) return [];
  return [`  ${size}: ${evidenceTypes.find(({ id }) => id === proof)?.label[language] ?? proof}`];
}

function known(list: readonly { id: string }[], asked: string | undefined, what: string): void {
  if (asked === undefined || list.some(({ id }) => id === asked)) return;
  const ids = list.map(({ id }) => id).join(', ');
  throw new CommandError(`The programme has no ${what} ${asked}; it has ${ids || 'none'}.`, 2);
}

function textOf(
  { evidenceTypes, tiers }: ProgrammeDefinition,
  asked: Questionnaire,
  language: string,
): string {
  const label = (id: string) => evidenceTypes.find((each) => each.id === id)?.label[language] ?? id;
  const questions = asked.questions.map(
    ({ question, when }, index) =>
      `${String(index + 1).padStart(3)}. ${question.text[language]}${when === 'depends' ? '  (if it applies)' : ''}\n     ${question.help[language]}`,
  );
  const seen = new Set<string>();
  const evidence = asked.evidence.flatMap(({ criterion, alternatives }) => {
    const ways = alternatives.map(({ all }) => (all.length === 0 ? 'nothing' : all.map(label).join(' and ')));
    const line = `  ${criterion}: ${ways.join(', or ')}`;
    return seen.has(line) ? [] : [seen.add(line) && line];
  });
  return [
    `For ${asked.tiers.map((id) => tiers.find((tier) => tier.id === id)?.label[language] ?? id).join(', ') || 'no tier that this firm may apply for: by its role and size, and by application, not designation'}`,
    ...(asked.overlays.length > 0 ? [`On other terms: ${asked.overlays.join(', ')}`] : []),
    `${asked.questions.length} questions`,
    ...questions,
    `${evidence.length} proofs`,
    ...evidence,
  ].join('\n');
}
