import { expect, test } from 'vitest';
import { common } from '../vocabulary.ts';
import { covers, creditsFor, standingOf } from './match.ts';

const { CertificateStatus, MatchOutcome, PartyRole, Purpose } = common;
const { ACTIVE, SUSPENDED, REVOKED, EXPIRED } = CertificateStatus;
const at = new Date('2026-06-01T12:00:00Z');
const before = new Date(at.getTime() - 1);
const after = new Date(at.getTime() + 1);
const lasting = (validFrom?: Date, validUntil?: Date): common.Validity => ({ validFrom, validUntil });
const from = (effectiveFrom: Date) => common.LegalTimes.fromPartial({ effectiveFrom });

test.each([
  [undefined, true],
  [lasting(), true],
  [lasting(at), true],
  [lasting(after), false],
  [lasting(undefined, after), true],
  [lasting(undefined, at), false],
  [lasting(before, after), true],
])('%j covers noon: %s', (validity, covered) => {
  expect(covers(validity, at)).toBe(covered);
});

test.each([
  ['in force', ACTIVE, lasting(before, after), undefined, MatchOutcome.MATCHED],
  ['at its end', ACTIVE, lasting(undefined, at), undefined, MatchOutcome.EXPIRED],
  ['before its start', ACTIVE, lasting(after), undefined, MatchOutcome.NOT_YET_EFFECTIVE],
  ['granted from later on', ACTIVE, undefined, from(after), MatchOutcome.NOT_YET_EFFECTIVE],
  ['suspended', SUSPENDED, undefined, from(at), MatchOutcome.SUSPENDED],
  ['suspended from later on', SUSPENDED, undefined, from(after), MatchOutcome.MATCHED],
  ['suspended from later on, but over', SUSPENDED, lasting(undefined, at), from(after), MatchOutcome.EXPIRED],
  ['suspended without a date', SUSPENDED, undefined, undefined, MatchOutcome.SUSPENDED],
  ['revoked', REVOKED, undefined, from(after), MatchOutcome.REVOKED],
  ['called expired', EXPIRED, undefined, undefined, MatchOutcome.EXPIRED],
  ['of no status', CertificateStatus.UNSPECIFIED, undefined, undefined, MatchOutcome.NOT_ON_LIST],
])('a certificate %s', (_, status, validity, times, outcome) => {
  expect(standingOf(status, validity, times, at)).toBe(outcome);
});

test('a party may use the credits of its role, for purposes that are named, and no others', () => {
  const { FISCAL_COMPLIANCE, SAFETY_SECURITY } = Purpose;
  const credit = (purpose: common.Purpose, role: common.PartyRole) => ({ purpose, role, sharePermille: 100 });
  const own = credit(FISCAL_COMPLIANCE, PartyRole.IMPORTER);
  const credits = [
    own,
    credit(SAFETY_SECURITY, PartyRole.IMPORTER),
    credit(FISCAL_COMPLIANCE, PartyRole.DECLARANT),
  ];
  expect(creditsFor(PartyRole.IMPORTER, credits, [FISCAL_COMPLIANCE])).toEqual([own]);
  expect(creditsFor(PartyRole.IMPORTER, credits, [])).toEqual([]);
});
