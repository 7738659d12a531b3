import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What a command line selects of the tests. */
export type Selection = {
  projects: string[];
  /** Patterns, and options of Vitest's own. */
  rest: string[];
};

export const vitestProgram = 'node_modules/vitest/vitest.mjs';

/** Takes `--project NAME`, once or more, out of a command line. */
export function takeProjects(args: readonly string[]): Selection {
  const projects: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    if (args[index] === '--project') projects.push(args[(index += 1)] ?? '');
    else rest.push(args[index] ?? '');
  }
  return { projects, rest };
}

/**
 * Leaves out the projects of which no test file matches.
 *
 * @throws Error naming the patterns where no file matches at all
 */
export function selectProjects({ projects, rest }: Selection): Selection {
  if (rest.length === 0) return { projects, rest };
  const list = ['list', '--filesOnly', '--json', ...projectOptions(projects), ...rest];
  const listed = spawnSync(process.execPath, [join(process.cwd(), vitestProgram), ...list], {
    encoding: 'utf8',
  });
  if (listed.status !== 0) throw new Error(`${listed.stdout}${listed.stderr}`.trim());
  const files = JSON.parse(listed.stdout) as { projectName: string }[];
  const matching = projects.filter((project) => files.some(({ projectName }) => projectName === project));
  if (matching.length > 0) return { projects: matching, rest };
  throw new Error(
    `No test file of ${projects.join(', ')} matches "${rest.join(' ')}": a pattern is a part of a file's path.`,
  );
}

/** The projects as options of Vitest. */
export function projectOptions(projects: readonly string[]): string[] {
  return projects.flatMap((project) => ['--project', project]);
}

/** Whether these projects need Kafka, Postgres and Redis. */
export function needsStack(projects: readonly string[]): boolean {
  return projects.some((project) => project !== 'unit');
}
