import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

export type CertificateOptions = {
  validDays?: number;
  /** Further host names of the holder, besides its own and this machine's. */
  hostsOf?: (name: string) => readonly string[];
};

/**
 * Creates an authority and, for each name, a certificate for both ends of mutual TLS on this machine: `ca.pem`,
 * `<name>.pem`, `<name>.key.pem`. The authority's key is not stored, so all its certificates are created at once.
 */
export async function createCertificates(
  directory: string,
  names: readonly string[],
  { validDays = 7, hostsOf = () => [] }: CertificateOptions = {},
): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const validity = {
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + validDays * dayMs),
  };
  const authorityKeys = await keyPair();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=local authority',
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  writeFileSync(join(directory, 'ca.pem'), authority.toString('pem'));
  for (const name of names) {
    const keys = await keyPair();
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity,
      subject: `CN=${name}`,
      issuer: authority.subject,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: extensionsOf([name, ...hostsOf(name)]),
    });
    writeFileSync(join(directory, `${name}.pem`), certificate.toString('pem'));
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    writeFileSync(join(directory, `${name}.key.pem`), x509.PemConverter.encode(key, 'PRIVATE KEY'), {
      mode: 0o600,
    });
  }
}

function keyPair() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function extensionsOf(hosts: readonly string[]): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    new x509.SubjectAlternativeNameExtension([
      { type: 'dns', value: 'localhost' },
      ...hosts.map((value) => ({ type: 'dns' as const, value })),
      { type: 'ip', value: '127.0.0.1' },
    ]),
  ];
}
