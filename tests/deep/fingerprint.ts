import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from './job.ts';

export type Tree = {
  root: string;
  /** Paths of all files that are committed or could be, in order. */
  files: readonly string[];
  contentHash(file: string): string;
};

/** @throws Error where this is no Git working tree */
export function readTree(root: string): Tree {
  const files = git(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).split('\0');
  const present = [...new Set(files.filter((file) => file !== ''))].sort();
  const hashes = new Map<string, string>();
  const hashOf = (file: string) =>
    createHash('sha256')
      .update(readOrEmpty(join(root, file)))
      .digest('hex');
  return {
    root,
    files: present,
    contentHash(file) {
      const hash = hashes.get(file) ?? hashOf(file);
      hashes.set(file, hash);
      return hash;
    },
  };
}

/** The commit that is checked out, with a mark where the files are not as it has them. */
export function readCommit(root: string): string {
  const changed = git(root, ['status', '--porcelain', '--', ':!tests/deep/results.jsonl']) !== '';
  return `${git(root, ['rev-parse', '--short=12', 'HEAD']).trim()}${changed ? '+' : ''}`;
}

/**
 * A hash over the content of a job's inputs: as long as it is the same, an earlier result of the job stands. Texts for
 * readers are left out.
 */
export function fingerprintOf(tree: Tree, { name, seed, inputs, settings }: Omit<Job, 'run'>): string {
  const hash = createHash('sha256').update(JSON.stringify([name, seed, settings]));
  for (const file of tree.files) {
    if (file.endsWith('.md') || !inputs.some((input) => covers(input, file))) continue;
    hash.update(`${file}\0${tree.contentHash(file)}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

function covers(input: string, file: string): boolean {
  return input.endsWith('/') ? file.startsWith(input) : file === input;
}

function readOrEmpty(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    // Removed, and the removal not committed yet.
    return Buffer.alloc(0);
  }
}

function git(root: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`This needs a Git working tree: git ${args.join(' ')}: ${stderr}`);
  return stdout;
}
