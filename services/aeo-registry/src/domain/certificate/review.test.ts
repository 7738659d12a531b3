import { expect, test } from 'vitest';
import { completeCertificate, type Certificate } from './certificate.ts';
import { reviewOf } from './review.ts';

const at = '2026-01-01T00:00:00.000Z';
const certificate = (more: Partial<Certificate>) =>
  completeCertificate({
    certificateId: 'c',
    programmeId: 'p',
    programmeVersion: 1,
    component: 'x',
    purposes: [],
    tier: 't',
    credits: {},
    status: 'active',
    grantedAt: at,
    decidedAt: at,
    effectiveFrom: at,
    ...more,
  });

test.each<[string, Partial<Certificate>, ReturnType<typeof reviewOf>]>([
  ['nothing', {}, undefined],
  ['a duty that was fulfilled', { duties: { '2025-12-31': 'fulfilled' } }, undefined],
  [
    'a duty that was missed',
    { duties: { '2024-12-31': 'fulfilled', '2025-12-31': 'missed' } },
    { lapsedProofs: {}, missedDuties: ['2025-12-31'] },
  ],
  [
    'expired evidence of a suspended certificate',
    { status: 'suspended', lapsedProofs: { small: '2026-01-01' } },
    { lapsedProofs: { small: '2026-01-01' }, missedDuties: [] },
  ],
  [
    'a proof of a status that is gone',
    { status: 'revoked', lapsedProofs: { small: '2026-01-01' } },
    undefined,
  ],
])('%s is looked into as far as it needs to be', (_, more, expected) => {
  expect(reviewOf(certificate(more))).toEqual(expected);
});
