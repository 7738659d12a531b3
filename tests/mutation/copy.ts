import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Tree } from '../deep/fingerprint.ts';

/**
 * Copies the tree. Workspace packages resolve within the copy, installed packages to the originals.
 *
 * @throws Error where a workspace package resolves outside the copy: no test would then run the patch
 */
export function copyTree(tree: Tree, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const file of tree.files) {
    const from = join(tree.root, file);
    if (existsSync(from)) cpSync(from, join(folder, file), { recursive: true, verbatimSymlinks: true });
  }
  const packages = tree.files.filter((file) => /(^|\/)package\.json$/.test(file)).map(dirname);
  for (const each of packages) copyLinks(join(tree.root, each), join(folder, each));
  packages.forEach((each) => assertWithin(folder, join(folder, each, 'node_modules/@aeo')));
}

/** The store of pnpm is linked, not copied; the relative links to it work from the copy. */
function copyLinks(from: string, to: string): void {
  const [installed, copied] = [join(from, 'node_modules'), join(to, 'node_modules')];
  if (!existsSync(installed)) return;
  mkdirSync(copied, { recursive: true });
  for (const entry of readdirSync(installed, { withFileTypes: true })) {
    const [source, target] = [join(installed, entry.name), join(copied, entry.name)];
    if (entry.name === '.pnpm' || entry.name === '.bin') symlinkSync(source, target);
    else if (!entry.name.startsWith('.')) cpSync(source, target, { recursive: true, verbatimSymlinks: true });
  }
}

function assertWithin(folder: string, links: string): void {
  if (!existsSync(links)) return;
  const own = realpathSync(folder) + sep;
  for (const name of readdirSync(links)) {
    const found = realpathSync(join(links, name));
    if (!found.startsWith(own)) throw new Error(`${join(links, name)} leads out of the copy, to ${found}`);
  }
}

/**
 * Applies a patch to a tree.
 *
 * @param how `check` changes nothing
 * @returns the reason where it does not apply
 */
export function applyPatch(folder: string, patch: string, how: 'apply' | 'check'): string | undefined {
  // Without it Git would resolve the paths in an enclosing working tree and change nothing.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(realpathSync(folder)) };
  const args = ['apply', '--verbose', ...(how === 'check' ? ['--check'] : []), patch];
  const { status, stderr } = spawnSync('git', args, { cwd: folder, env, encoding: 'utf8' });
  if (status !== 0) return stderr.trim();
  return stderr.includes('Skipped patch') ? 'its files are not in the tree' : undefined;
}
