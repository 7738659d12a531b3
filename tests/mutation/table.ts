import type { Result } from '../deep/results.ts';
import { jobNameOf } from './job.ts';
import { patchOf, type Mutant } from './mutant.ts';

/** The table of mutants as text for readers, from the newest results. */
export function mutationTable(
  mutants: readonly Mutant[],
  newest: (job: string) => Result | undefined,
): string {
  const rows = mutants.map((mutant) => rowOf(mutant, newest(jobNameOf(mutant))));
  const killed = rows.filter((row) => row.killed).length;
  const survived = mutants.filter(({ initiallySurvived }) => initiallySurvived !== undefined);
  return [
    '# Mutants, and the tests that kill them',
    '',
    'Each mutant below is a copy of the tree from which a patch removes one mechanism. The copy compiles and starts, the',
    'named tests pass without the patch, and with it the named assertion fails; a crash or a timeout does not count.',
    'Each result is that of the newest run, on the commit that `tests/deep/results.jsonl` names.',
    'Written by `npm run test:deep -- --only mutation/`; not to be edited.',
    '',
    `${killed} of ${mutants.length} mutants are killed.`,
    '',
    '| Mutant | What it is for | Killed by | What the assertion said |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ line }) => line),
    '',
    '## Survived at first',
    '',
    `${survived.length} of ${mutants.length} mutants were killed by no test when they were first run. Added for them:`,
    '',
    ...survived.map((mutant) => `- ${linkOf(mutant)}: ${mutant.initiallySurvived ?? ''}`),
    '',
  ].join('\n');
}

function rowOf(mutant: Mutant, result: Result | undefined): { killed: boolean; line: string } {
  const killed = result?.result === 'passed';
  const tests = mutant.killedBy.map(({ file, test }) => `${test} ([${nameOf(file)}](../${file}))`);
  const said = killed ? saidBy(result).map(asCode) : [`**NOT KILLED** ${result?.said ?? '(not run yet)'}`];
  const cells = [linkOf(mutant), mutant.purpose, tests.join('<br>'), said.join('<br>')];
  return { killed, line: `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |` };
}

function linkOf(mutant: Mutant): string {
  return `[${mutant.name}](../${patchOf(mutant)})`;
}

function nameOf(file: string): string {
  return file.split('/').at(-1) ?? file;
}

function saidBy({ detail }: Result): string[] {
  return Array.isArray(detail) ? detail.map(String) : [];
}

function asCode(text: string): string {
  const short = text.length > 140 ? `${text.slice(0, 140)} …` : text;
  return `\`${short.replaceAll('`', '´')}\``;
}
