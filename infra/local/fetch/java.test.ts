import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { majorOf, trustSettings } from './java.ts';

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_402"', 8],
  ['openjdk version "21" 2023-09-19', 21],
  ['not java', 0],
])('%s', (printed, major) => {
  expect(majorOf(printed)).toBe(major);
});

test('an extra authority of Node is trusted by Maven on a Java of the machine', () => {
  const downloads = mkdtempSync(join(tmpdir(), 'java-'));
  const site = { folders: { downloads } as Parameters<typeof trustSettings>[0]['folders'] };
  expect(trustSettings(site, {})).toEqual({});
  const own = { NODE_EXTRA_CA_CERTS: 'ca.pem', MAVEN_OPTS: '-Djavax.net.ssl.trustStore=/own' };
  expect(trustSettings(site, own)).toEqual({});
  const file = join(downloads, 'trusted.jks');
  expect(trustSettings(site, { NODE_EXTRA_CA_CERTS: 'ca.pem', MAVEN_OPTS: '-Xmx1g' })).toEqual({
    MAVEN_OPTS: `-Xmx1g -Djavax.net.ssl.trustStore=${file}`,
  });
  expect(readFileSync(file).readUInt32BE(0)).toBe(0xfeedfeed);
  rmSync(downloads, { recursive: true });
});
