import { asLine, readProgrammeFile } from '@aeo/programmes/files';
import { hashOf, programmesOf, type ProgrammeDefinition } from '@aeo/programmes';
import { readArguments, reading, type Answer } from './command.ts';

/** Checks programme files, each by itself, and those that are versions of one programme against each other. */
export function checkCommand(args: readonly string[]): Answer {
  const { files } = readArguments(args, [], { least: 1, most: 1_000 });
  const checked = files.map((file) => {
    const { definition, problems } = reading(file, () => readProgrammeFile(file));
    const { id, version, effectiveFrom } = definition ?? {};
    const sha256 = definition && hashOf(definition);
    return { file, id, version, effectiveFrom, sha256, problems, definition };
  });
  const clash = clashOf(
    checked.flatMap(({ definition, problems }) => (definition && problems.length === 0 ? [definition] : [])),
  );
  const lines = checked.map(({ file, id, version, effectiveFrom, sha256, problems }) =>
    problems.length === 0
      ? `ok       ${file}: ${id}, version ${version}, in force from ${effectiveFrom}, SHA-256 ${sha256?.slice(0, 16)}…`
      : [`not ok   ${file}: ${problems.length} problems`, ...problems.map(asLine)].join('\n'),
  );
  const isWell = clash === undefined && checked.every(({ problems }) => problems.length === 0);
  const json = checked.map(({ file, id, version, effectiveFrom, sha256, problems }) => ({
    file,
    id,
    version,
    effectiveFrom,
    sha256,
    problems,
  }));
  const report = clash === undefined ? lines : [...lines, `not ok   together: ${clash}`];
  return {
    text: report.join('\n'),
    json: clash === undefined ? json : [...json, { clash }],
    code: isWell ? 0 : 1,
  };
}

/** Why the versions cannot be loaded together: two of one number, or of one day, or in the wrong order. */
function clashOf(definitions: readonly ProgrammeDefinition[]): string | undefined {
  try {
    // What a file supersedes may lie elsewhere.
    const numbers = new Set(definitions.map(({ id, version }) => `${id} ${version}`));
    programmesOf(
      definitions.map((each) => ({
        ...each,
        supersedes: numbers.has(`${each.id} ${each.supersedes}`) ? each.supersedes : null,
      })),
    );
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
