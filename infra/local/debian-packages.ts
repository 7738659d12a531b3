import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Downloads Debian packages and unpacks them below a folder, without root and without installing anything.
 * The stamp is written last: a broken download is fetched again.
 *
 * @throws Error with the command that installs them by hand
 */
export function unpackDebianPackages(folder: string, packages: string[], installCommand: string): void {
  const stamp = join(folder, '.complete');
  if (existsSync(stamp)) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const advice = `Install it by hand: ${installCommand}`;
  run('apt-get', ['download', ...packages], folder, advice);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    run('dpkg-deb', ['-x', file, '.'], folder, advice);
    rmSync(join(folder, file));
  }
  writeFileSync(stamp, packages.join('\n'));
}

function run(command: string, args: string[], cwd: string, advice: string): void {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (result.error) throw new Error(`${command} is not here (${result.error.message}). ${advice}`);
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed: ${result.stderr.trim()}. ${advice}`);
}

/** The first of these commands that runs and ends well, if any. */
export function commandOnPath(command: string, args: string[]): string | undefined {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  return result.status === 0 ? `${result.stdout}${result.stderr}` : undefined;
}
