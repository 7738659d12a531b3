import { X509Certificate } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificates } from '../local/services/certificates.ts';

/** The holder of a certificate, its folder, and further host names at which it answers. */
export type Holder = { name: string; directory: string; hosts?: readonly string[] };

const validDays = 365;
const renewBeforeMs = 30 * 86_400_000;

/**
 * Creates an authority and a certificate for each holder, unless all exist and are valid for thirty more days. The
 * authority's key is not stored, so when one certificate is missing all are created again.
 *
 * @returns what was done, empty where nothing was
 */
export async function issueCertificates(authority: string, holders: readonly Holder[]): Promise<string> {
  if (holders.every((holder) => isGood(holder)) && haveOneAuthority(holders)) return '';
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  try {
    const names = holders.map(({ name }) => name);
    const hostsOf = (name: string) => holders.find((holder) => holder.name === name)?.hosts ?? [];
    await createCertificates(folder, names, { validDays, hostsOf });
    for (const { name, directory } of holders) {
      mkdirSync(directory, { recursive: true });
      // The certificate is written last: without it the next run creates all again.
      for (const file of ['ca.pem', `${name}.key.pem`, `${name}.pem`])
        copyFileSync(join(folder, file), join(directory, file));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return `made the certificates of ${authority}, good for ${validDays} days; services that run take them up when they restart`;
}

/** False where this program was killed before it had written all. */
function haveOneAuthority(holders: readonly Holder[]): boolean {
  const texts = holders.map(({ directory }) => readFileSync(join(directory, 'ca.pem'), 'utf8'));
  return new Set(texts).size === 1;
}

/** Issued by the authority beside it, and good for long enough. */
function isGood({ name, directory }: Holder): boolean {
  const [authority, own] = ['ca.pem', `${name}.pem`].map((file) => join(directory, file));
  if (authority === undefined || own === undefined || !existsSync(authority) || !existsSync(own))
    return false;
  const certificate = new X509Certificate(readFileSync(own));
  const issuer = new X509Certificate(readFileSync(authority));
  return (
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey) &&
    certificate.validToDate.getTime() > Date.now() + renewBeforeMs
  );
}
