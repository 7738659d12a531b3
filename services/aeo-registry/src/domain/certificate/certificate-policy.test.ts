import { expect, test } from 'vitest';
import { loadProgrammes } from '@aeo/programmes/files';
import { reapplicationBar } from './certificate-policy.ts';
import { completeCertificate, type Certificate } from './certificate.ts';

const programmes = loadProgrammes('services/programmes/files');
// Loss of its first two tiers bars for a year, of the third for three.
const programme = programmes.version('in-aeo', 2)!;

function revoked(tier: string, component = 'trader'): Certificate {
  return completeCertificate({
    certificateId: 'c',
    programmeId: programme.id,
    programmeVersion: 2,
    component,
    purposes: [],
    tier,
    credits: {},
    status: 'revoked',
    grantedAt: '2024-01-01T00:00:00.000Z',
    decidedAt: '2025-02-28T10:00:00.000Z',
    effectiveFrom: '2025-02-28T10:00:00.000Z',
  });
}

test.each([
  ['T1', '2026-02-28T09:59:59.999Z', 'REAPPLICATION_BARRED'],
  ['T1', '2026-02-28T10:00:00.000Z', undefined],
  ['T3', '2026-02-28T10:00:00.000Z', 'REAPPLICATION_BARRED'],
  ['T3', '2028-02-28T09:59:59.999Z', 'REAPPLICATION_BARRED'],
  ['T3', '2028-02-28T10:00:00.000Z', undefined],
  ['a tier of another version', '2026-02-28T10:00:00.000Z', 'REAPPLICATION_BARRED'],
])('the loss of %s bars a new application: at %s %s', (tier, now, bar) => {
  expect(reapplicationBar(programme, [revoked(tier)], now)).toBe(bar);
});

test('a certificate of another component bars no application', () => {
  expect(
    reapplicationBar(programme, [revoked('T3', 'elsewhere')], '2025-03-01T00:00:00.000Z'),
  ).toBeUndefined();
});

test('a bar of unknown length does not end', () => {
  const unknown = programmes.version('do-oea', 1)!;
  const certificate = revoked('internacional', 'oea');
  expect(reapplicationBar(unknown, [certificate], '2099-01-01T00:00:00.000Z')).toBe('REAPPLICATION_BARRED');
});
