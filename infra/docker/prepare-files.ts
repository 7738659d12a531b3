import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileSigningKey } from '@aeo/platform/signing-key';
import { databaseName } from '../local/services/databases.ts';
import { administration, partnerAdministration, serviceNames } from '../main-job/services/administrations.ts';
import { issueCertificates, type Holder } from './issue-certificates.ts';
import { postgresPasswordFile, prepared, settingsFile } from './prepared.ts';

/** Certificates beyond those of the services: who calls them, and who reads their metrics. */
const callers = ['border-system', 'officer'];
const scraper = 'prometheus';

/**
 * Creates passwords, keys and certificates, each service's in a folder of its own. Existing files are kept, so that it
 * may run at every start; certificates are renewed before they expire.
 *
 * @returns a line for each file that was created
 */
export async function prepareFiles(folder: string): Promise<string[]> {
  const made = [preparePassword(folder)];
  for (const { owner, service } of prepared) made.push(prepareService(folder, owner, service));
  for (const owner of [administration, partnerAdministration])
    made.push(await issueCertificates(`administration ${owner}`, holdersOf(folder, owner)));
  made.push(await issueCertificates('link between administrations', holdersOfLink(folder)));
  // The scraper runs as another user, and this folder is mounted for it only.
  const holders = [administration, partnerAdministration].flatMap((owner) => holdersOf(folder, owner));
  for (const { directory } of [...holders, ...holdersOfLink(folder)])
    if (directory.startsWith(join(folder, 'prometheus')))
      chmodSync(join(directory, `${scraper}.key.pem`), 0o644);
  return made.filter((line) => line !== '');
}

function holdersOf(folder: string, owner: string): Holder[] {
  return [
    ...serviceNames.map((name) => ({
      name,
      directory: join(folder, owner, name, 'tls'),
      hosts: [`${owner}-${name}`],
    })),
    ...callers.map((name) => ({ name, directory: join(folder, owner, 'callers') })),
    { name: scraper, directory: join(folder, 'prometheus', owner) },
  ];
}

function holdersOfLink(folder: string): Holder[] {
  return [
    ...[administration, partnerAdministration].map((name) => ({
      name,
      directory: join(folder, name, 'mutual-recognition', 'link'),
    })),
    { name: scraper, directory: join(folder, 'prometheus', 'link') },
  ];
}

/** Postgres reads it under a user of its own, from a folder that only Postgres and this program mount. */
function preparePassword(folder: string): string {
  const file = postgresPasswordFile(folder);
  if (existsSync(file)) return '';
  mkdirSync(join(folder, 'postgres'), { recursive: true });
  writeWhole(file, newPassword(), 0o644);
  return 'made the password of Postgres';
}

/** Both nodes of a service seal with one key, so it is created here and not by the first node. */
function prepareService(folder: string, owner: string, service: string): string {
  const own = join(folder, owner, service);
  fileSigningKey(join(own, 'proof.pem'));
  const file = join(own, settingsFile);
  if (existsSync(file)) return '';
  const name = databaseName(owner, service);
  const settings = {
    DATABASE_URL: `postgres://${name}:${newPassword()}@postgres:5432/${name}`,
    ...(service === 'clearance-priority' ? { DRAW_MASTER_KEY: randomBytes(32).toString('base64') } : {}),
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
  writeWhole(file, lines.join(''), 0o600);
  return `made the secrets of ${service} of ${owner}`;
}

function newPassword(): string {
  return randomBytes(16).toString('hex');
}

/** Writes under another name and renames, so that a file is always complete. */
function writeWhole(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}
