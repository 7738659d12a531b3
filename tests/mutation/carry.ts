import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { applyPatch } from './copy.ts';

const patches = 'tests/mutation/patches';

export type Carried = {
  /** Patches that were rewritten. */
  carried: string[];
  /** Patches that have to be rewritten by hand, with the reason. */
  failed: { patch: string; reason: string }[];
};

/**
 * Rewrites each patch that no longer applies to the tree, by a three-way merge: the file at a revision at which the patch
 * applied, that file with the patch, and the file as it is. A file that was moved is found where Git sees a rename.
 *
 * @throws Error where Git does not know the revision
 */
export function carryPatches(root: string, revision: string): Carried {
  const renames = renamesSince(root, revision);
  const result: Carried = { carried: [], failed: [] };
  for (const patch of lines(git(root, ['ls-tree', '-r', '--name-only', revision, patches]))) {
    const present = renames.get(patch) ?? patch;
    const target = join(root, present);
    if (!existsSync(target) || applyPatch(root, target, 'check') === undefined) continue;
    const folder = mkdtempSync(join(tmpdir(), 'carry-'));
    try {
      writeFileSync(target, carry({ root, revision, renames, folder }, patch));
      result.carried.push(present);
    } catch (error) {
      result.failed.push({ patch: present, reason: (error as Error).message });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return result;
}

type Site = { root: string; revision: string; renames: ReadonlyMap<string, string>; folder: string };

/** @throws Error naming the file that cannot be merged */
function carry({ root, revision, renames, folder }: Site, patch: string): string {
  const [base, patched, merged] = ['base', 'patched', 'merged'].map((name) => join(folder, name));
  const text = git(root, ['show', `${revision}:${patch}`]);
  const files = filesIn(text);
  for (const file of files) write(join(base!, file), git(root, ['show', `${revision}:${file}`]));
  cpSync(base!, patched!, { recursive: true });
  const patchFile = join(folder, basename(patch));
  writeFileSync(patchFile, text);
  const refused = applyPatch(patched!, patchFile, 'apply');
  if (refused !== undefined) throw new Error(`it does not apply to ${revision} either: ${refused}`);
  return files
    .map((file) => {
      const present = renames.get(file) ?? file;
      if (!existsSync(join(root, present))) throw new Error(`${file} is not in the tree any more`);
      const inputs = [join(root, present), join(base!, file), join(patched!, file)];
      const { status, stdout } = spawnSync('git', ['merge-file', '-p', ...inputs], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${present} was changed at the same place`);
      write(join(merged!, present), stdout);
      return differenceOf(root, present, join(merged!, present));
    })
    .join('');
}

/** The paths of the files a patch changes. */
export function filesIn(patch: string): string[] {
  return [...patch.matchAll(/^--- a\/(.+)$/gm)].map((found) => found[1] ?? '');
}

function differenceOf(root: string, file: string, changed: string): string {
  const args = ['diff', '--no-index', '--no-color', '--', join(root, file), changed];
  const { stdout } = spawnSync('git', args, { encoding: 'utf8' });
  const start = stdout.indexOf('\n@@');
  if (start < 0) throw new Error(`${file} has no such mechanism any more`);
  const hunks = stdout.slice(start + 1).replaceAll(/^(@@ [^@]+ @@).*$/gm, '$1');
  return `--- a/${file}\n+++ b/${file}\n${hunks}`;
}

/** New paths by old ones, in the working tree; a new file has to be known to Git (`git add`). */
function renamesSince(root: string, revision: string): Map<string, string> {
  const listed = git(root, ['diff', '-M40%', '-l0', '--name-status', '--diff-filter=R', revision]);
  return new Map(
    lines(listed).map((line) => {
      const [, old = '', present = ''] = line.split('\t');
      return [old, present];
    }),
  );
}

function git(root: string, args: string[]): string {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  const { status, stdout, stderr } = spawnSync('git', args, options);
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
