import { createHash, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { javaKeyStore, trustedCertificates } from './java-key-store.ts';

test('a key store contains each certificate once, under the digest that Java checks', () => {
  const certificates = trustedCertificates();
  expect(certificates.length).toBeGreaterThan(50);
  const store = javaKeyStore(certificates);
  expect(store.subarray(0, 8).toString('hex')).toBe('feedfeed00000002');
  expect(store.readUInt32BE(8)).toBe(certificates.length);
  const body = store.subarray(0, -20);
  for (const pem of certificates) expect(body.includes(new X509Certificate(pem).raw)).toBe(true);
  const seal = createHash('sha1').update(Buffer.from('\0c\0h\0a\0n\0g\0e\0i\0t')).update('Mighty Aphrodite');
  expect(store.subarray(-20)).toEqual(seal.update(body).digest());
});
