import type { Result } from '../deep/results.ts';
import { jobNameOf } from './job.ts';
import { patchOf, type Mechanism } from './mechanism.ts';

/** The table of mechanisms as text for readers, from the newest results. */
export function mutationTable(
  mechanisms: readonly Mechanism[],
  newest: (job: string) => Result | undefined,
): string {
  const rows = mechanisms.map((mechanism) => rowOf(mechanism, newest(jobNameOf(mechanism))));
  const caught = rows.filter((row) => row.caught).length;
  const missed = mechanisms.filter(({ missedAtFirst }) => missedAtFirst !== undefined);
  return [
    '# What finds that a mechanism is gone',
    '',
    'Each mechanism below is taken out of a copy of the tree by a patch. The copy compiles and starts, the tests that are',
    'named pass without the patch, and with it the assertion that is named fails; a crash or a time that ran out would',
    'not count. Made by `npm run test:deep -- --only mutation/`; not to be edited.',
    '',
    `${caught} of ${mechanisms.length} removals are caught.`,
    '',
    '| Mechanism | What it is for | Caught by | What the assertion said |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ line }) => line),
    '',
    '## Not caught at first',
    '',
    `${missed.length} of ${mechanisms.length} removals were found by no test when they were first tried. Added for them:`,
    '',
    ...missed.map((mechanism) => `- ${linkOf(mechanism)}: ${mechanism.missedAtFirst ?? ''}`),
    '',
  ].join('\n');
}

function rowOf(mechanism: Mechanism, result: Result | undefined): { caught: boolean; line: string } {
  const caught = result?.result === 'passed';
  const tests = mechanism.caughtBy.map(({ file, test }) => `${test} ([${nameOf(file)}](../${file}))`);
  const said = caught ? saidBy(result).map(asCode) : [`**NOT CAUGHT** ${result?.said ?? '(not run yet)'}`];
  const cells = [linkOf(mechanism), mechanism.purpose, tests.join('<br>'), said.join('<br>')];
  return { caught, line: `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |` };
}

function linkOf(mechanism: Mechanism): string {
  return `[${mechanism.name}](../${patchOf(mechanism)})`;
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
