import { globSync } from 'node:fs';
import { measures, tfa77Of } from '@aeo/programmes';
import { readArguments, usableProgramme, type Answer } from './command.ts';

/** Which of the seven measures of the Trade Facilitation Agreement each programme grants. */
export function tfa77Command(args: readonly string[]): Answer {
  const { files } = readArguments(args, [], { least: 0, most: 1_000 });
  const all = files.length > 0 ? files : globSync('services/programmes/files/*.json').toSorted();
  const reports = all.map((file) => tfa77Of(usableProgramme(file)));
  const letters = Object.keys(measures) as (keyof typeof measures)[];
  const rows = reports.map(({ programme, version, granted, isEnough }) =>
    [
      `${programme} ${version}`.padEnd(20),
      ...letters.map((letter) => (granted[letter] === undefined ? '-' : letter)),
      isEnough ? '' : '  fewer than three are known',
    ].join(' '),
  );
  const legend = letters.map((letter) => `${letter}  ${measures[letter]}`);
  const title =
    'Measures of article 7.7.3 of the WTO Trade Facilitation Agreement, as far as the files know them:';
  return { text: [title, ...legend, '', ...rows].join('\n'), json: reports, code: 0 };
}
