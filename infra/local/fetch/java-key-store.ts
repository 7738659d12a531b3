import { createHash, X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';

const magic = 0xfeedfeed;
const version = 2;
const trustedEntry = 2;
/** The password every Java has for its own store; it protects nothing, as certificates are public. */
const password = 'changeit';

/** The authorities that Node and this machine trust, as PEM. */
export function trustedCertificates(): string[] {
  return [...new Set((['bundled', 'system', 'extra'] as const).flatMap((kind) => getCACertificates(kind)))];
}

/** A Java key store (JKS) in which these certificates are trusted. */
export function javaKeyStore(certificates: readonly string[]): Buffer {
  const body = Buffer.concat([
    ...[magic, version, certificates.length].map(integer),
    ...certificates.flatMap((pem, index) => entry(String(index), new X509Certificate(pem).raw)),
  ]);
  // The format's own seal: SHA-1 over the password in UTF-16, these two words, and the content.
  const seal = createHash('sha1').update(Buffer.from(password, 'utf16le').swap16());
  return Buffer.concat([body, seal.update('Mighty Aphrodite').update(body).digest()]);
}

function entry(alias: string, der: Buffer): Buffer[] {
  const createdAt = Buffer.alloc(8);
  return [integer(trustedEntry), text(alias), createdAt, text('X.509'), integer(der.length), der];
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
}
