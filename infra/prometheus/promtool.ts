import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandOnPath, unpackDebianPackages } from '../local/fetch/debian-packages.ts';
import type { StackSite } from '../local/stack-types.ts';

/**
 * Where promtool is: on the machine, or fetched below a folder without installing it.
 *
 * @throws Error with the command that installs it, where it cannot be fetched
 */
export async function promtool(local: string, shutdown: AbortSignal): Promise<string> {
  if (commandOnPath('promtool', ['--version']) !== undefined) return 'promtool';
  const at = (name: string) => join(local, name);
  const folders = { downloads: at('downloads'), data: at('data'), logs: at('logs'), run: at('run') };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const site: StackSite = { folders: { ...folders, fresh: false }, log: () => undefined, shutdown };
  const program = { name: 'promtool', title: 'promtool', packages: ['prometheus'], installed: 'prometheus' };
  return join(await unpackDebianPackages(site, program), 'usr/bin/promtool');
}
