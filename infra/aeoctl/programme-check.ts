import { asLine, hashOf, readProgrammeFile } from '@aeo/aeo-registry';
import { readArguments, reading, type Answer } from './command.ts';

/** Checks programme files, each by itself. */
export function checkCommand(args: readonly string[]): Answer {
  const { files } = readArguments(args, [], { least: 1, most: 1_000 });
  const checked = files.map((file) => {
    const { definition, problems } = reading(file, () => readProgrammeFile(file));
    const { id, version, effectiveFrom } = definition ?? {};
    const sha256 = definition && hashOf(definition);
    return { file, id, version, effectiveFrom, sha256, problems };
  });
  const lines = checked.map(({ file, id, version, effectiveFrom, sha256, problems }) =>
    problems.length === 0
      ? `ok       ${file}: ${id}, version ${version}, in force from ${effectiveFrom}, SHA-256 ${sha256?.slice(0, 16)}…`
      : [`not ok   ${file}: ${problems.length} to mend`, ...problems.map(asLine)].join('\n'),
  );
  const isWell = checked.every(({ problems }) => problems.length === 0);
  return { text: lines.join('\n'), json: checked, code: isWell ? 0 : 1 };
}
