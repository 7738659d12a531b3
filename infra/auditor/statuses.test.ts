import { loadRules, replayDecision } from '@aeo/aeo-registry';
import { clearanceService, common, exchangeStatus, registryStatus } from '@aeo/proto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@aeo/platform/errors';
import { describe, expect, test } from 'vitest';
import type { ApplicationDecision, OperatorRow, PartnerRow, ReceivedRow } from './audited-state.ts';
import { versionsAreInOrder } from './i6-order.ts';
import { listsAreWhole } from './i7-lists.ts';
import { listsAreSane } from './i8-list-sanity.ts';
import { unreadableGivesNothing } from './i9-isolation.ts';
import { replayEquals } from './i10-replay.ts';
import type { Finding } from './report.ts';
import { auditRow, credit, decisionRow, operatorRecord, topicRecord } from './sample-state.ts';
import { readTranscript, recordTranscript } from './transcript.ts';

const whats = ({ violations }: Finding) => violations.map(({ what }) => what);
const { CertificateStatus, MatchOutcome } = common;

describe('order', () => {
  const registered = [{ operatorId: 'o', version: 2, identifiers: [], certificates: [] }];
  const audit = [auditRow(), auditRow({ id: 2, version: 1 }), auditRow({ id: 3, version: 2 })];
  const records = (...numbers: number[]) =>
    numbers.map((number, offset) => ({ ...operatorRecord(number, 0), offset }));
  const check = (changes: Partial<Parameters<typeof versionsAreInOrder>[0]>) =>
    whats(versionsAreInOrder({ registered, audit, operators: records(1, 2), partners: [], ...changes }));
  test('a sound state has no violation, with gaps and repetitions on the topic', () => {
    expect(check({})).toEqual([]);
    expect(check({ operators: records(2, 7, 7) })).toEqual([]);
  });
  test('a version that goes backwards at the end is found; one that was published again is not', () => {
    expect(check({ operators: records(1, 2, 1) })).toEqual(['a version that went backwards']);
    expect(check({ operators: records(1, 2, 1, 2) })).toEqual([]);
  });
  test('a version under a higher epoch is newer, whatever its number', () => {
    const [first, second] = records(7, 2);
    second!.value!.version!.epoch = 2n;
    expect(check({ operators: [first!, second!] })).toEqual([]);
  });
  test('one version with two contents is found', () => {
    const [first, second] = records(2, 2);
    expect(check({ operators: [first!, { ...second!, hash: 'others' }] })).toEqual([
      'one version with two contents',
    ]);
  });
  test('a version missing from the log, and a state that differs from the log, are found', () => {
    expect(check({ audit: [auditRow(), auditRow({ version: 3 })] })).toEqual([
      'versions that do not rise by one',
      'a state of another version than its log',
    ]);
  });
});

const identifier = { scheme: 's', country: 'XB', value: 'v' };
const received: ReceivedRow = {
  arrangementId: 'a',
  sequence: 1,
  named: 1,
  previousHash: '',
  count: 1,
  digest: 'digest',
  storedHash: 'one',
  hash: 'one',
  listed: 1,
  placed: 1,
  activatedAt: 1_000,
};
const partner: PartnerRow = {
  arrangementId: 'a',
  operatorId: 'p',
  version: 1,
  suspensionVersion: 0,
  suspensionStatus: 'active',
  slots: [{ sequence: 1, row: { tier: 'tier-1', status: 'active', identifiers: [identifier] } }],
};
const version = { epoch: 1n, number: 1n };
const membership = topicRecord(
  exchangeStatus.PartnerStatus.fromPartial({
    record: {
      $case: 'membership',
      value: {
        arrangementId: 'a',
        partnerOperatorId: 'p',
        version,
        slots: [
          {
            sequence: 1n,
            listed: true,
            tier: 'tier-1',
            status: CertificateStatus.ACTIVE,
            identifiers: [identifier],
          },
        ],
      },
    },
  }),
  { key: 'membership/a/p', partition: 2 },
);
const activated = (sequence: number, sentAt: number) =>
  [0, 1, 2, 3].map((partition) =>
    topicRecord(
      exchangeStatus.PartnerStatus.fromPartial({
        record: {
          $case: 'activated',
          value: {
            arrangementId: 'a',
            sequence: BigInt(sequence),
            count: 1n,
            partitionCount: partition === 2 ? 1n : 0n,
            version: { epoch: 1n, number: BigInt(sequence) },
            terms: { arrangementId: 'a', partnerCountry: 'XB', live: true },
          },
        },
      }),
      { key: `activated/a/${partition}`, partition, sentAt, offset: sequence },
    ),
  );

describe('lists', () => {
  const on = (...sequences: number[]) => sequences.map((listSequence) => ({ source: 'a', listSequence }));
  const check = (changes: Partial<Parameters<typeof listsAreWhole>[0]>) =>
    whats(
      listsAreWhole({
        boundMs: 2_000,
        decisions: [decisionRow({ matched: on(1, 1) })],
        partners: activated(1, 0),
        exchange: { received: [received], issued: [] },
        ...changes,
      }),
    );
  test('a sound state has no violation', () => expect(check({})).toEqual([]));
  test('mixed sequences in a decision, and a list that was never in force, are found', () => {
    expect(check({ decisions: [decisionRow({ matched: on(1, 2) })] })).toEqual(['a decision on two lists']);
    expect(check({ decisions: [decisionRow({ matched: on(2) })] })).toEqual([
      'a list that was never in force',
    ]);
  });
  test('a benefit of a list that had been replaced for longer than the bound is found', () => {
    const decisions = [decisionRow({ matched: on(1), credits: [credit({ source: 'a' })] })];
    expect(check({ decisions, partners: [...activated(1, 0), ...activated(2, 8_001)] })).toEqual([]);
    expect(check({ decisions, partners: [...activated(1, 0), ...activated(2, 8_000)] })).toEqual([
      'a benefit of a list that had been replaced',
    ]);
  });
  test('a broken link and a sequence that does not rise are found', () => {
    const next = { ...received, sequence: 2, named: 2, previousHash: 'one' };
    const lists = (row: ReceivedRow) => ({ exchange: { received: [received, row], issued: [] } });
    expect(check(lists(next))).toEqual([]);
    expect(check(lists({ ...next, previousHash: 'other' }))).toEqual([
      'a list that does not link to the one before',
    ]);
    expect(check(lists(received))).toEqual(['a sequence that does not rise']);
  });

  const sane = (changes: Partial<Parameters<typeof listsAreSane>[0]>) =>
    whats(listsAreSane({ received: [received], issued: [], held: [], partners: [partner], ...changes }));
  test('rows that differ from the header are found', () => {
    expect(sane({})).toEqual([]);
    expect(sane({ received: [{ ...received, placed: 2 }] })).toEqual([
      'a list of another count than its header',
    ]);
    expect(sane({ partners: [] })).toEqual(['other operators than the list in force has']);
    expect(sane({ received: [{ ...received, hash: 'changed' }] })).toEqual([
      'a header that is not what was signed',
    ]);
    const kept = { count: 1, digest: 'others' };
    expect(sane({ issued: [{ ...received, kept }] })).toEqual(['a list of another digest than its header']);
  });
  test('a list that waited for approval needs a second person to come into force', () => {
    const held = { arrangementId: 'a', sequence: 1, heldBy: 'one', decision: 'released', decidedBy: 'other' };
    expect(sane({ held: [held] })).toEqual([]);
    for (const changes of [
      { decidedBy: 'one' },
      { decision: 'refused' },
      { decision: null, decidedBy: null },
    ])
      expect(sane({ held: [{ ...held, ...changes }] })).toEqual(['absences that no second person released']);
  });
});

test('a benefit on an unreadable record is found, until a later record can be read', () => {
  const unreadable = { ...operatorRecord(2, 5_000), value: undefined, offset: 1 };
  const after = { ...operatorRecord(3, 9_000), offset: 2 };
  const check = (decidedAt: number) =>
    whats(
      unreadableGivesNothing({
        boundMs: 2_000,
        partners: [],
        operators: [operatorRecord(1, 0), unreadable, after],
        decisions: [decisionRow({ decidedAt, credits: [credit()] })],
      }),
    );
  expect([check(6_999), check(9_000)]).toEqual([[], []]);
  expect(check(7_000)).toEqual(['a benefit on an unreadable record']);
});

describe('replay', () => {
  const home = { scheme: 's', country: 'XA', value: 'h' };
  const certificate = {
    certificateId: 'c',
    component: 'x',
    tier: 't',
    status: 'active' as const,
    effectiveFrom: 5,
  };
  const operator: OperatorRow = {
    operatorId: 'o',
    version: 1,
    identifiers: [home],
    certificates: [certificate],
  };
  const status = (changes: Partial<registryStatus.StatusComponent> = {}) =>
    topicRecord(
      registryStatus.OperatorStatus.fromPartial({
        operatorId: 'o',
        version,
        identifiers: [{ identifier: home }],
        components: [
          {
            certificateId: 'c',
            component: 'x',
            tier: 't',
            status: CertificateStatus.ACTIVE,
            times: { effectiveFrom: new Date(5) },
            ...changes,
          },
        ],
      }),
      { key: 'o' },
    );
  const decidedOn = {
    programmeId: 'demonstration',
    programmeVersion: 3,
    firm: {
      asOf: '2026-01-01',
      roles: ['trader'],
      appliedFor: [],
      designatedFor: [],
      holds: [],
      facts: { declarations: 12, findingsShare: 0.1 },
      evidence: [],
      group: [],
    },
  };
  const application = { auditId: 1, decidedOn, results: replayDecision(decidedOn, loadRules()) };
  const check = (changes: {
    operators?: ReturnType<typeof status>[];
    partners?: (typeof membership)[];
    row?: OperatorRow;
    partner?: PartnerRow;
    outcome?: common.MatchOutcome;
    applications?: ApplicationDecision[];
  }) =>
    whats(
      replayEquals({
        registry: {
          operators: [changes.row ?? operator],
          applications: changes.applications ?? [application],
        },
        exchange: { partners: [changes.partner ?? partner], received: [received] },
        topics: {
          operators: changes.operators ?? [status()],
          partners: changes.partners ?? [membership, ...activated(1, 0)],
        },
        country: 'XA',
        at: new Date(10_000),
        answers: [{ identifier: home, outcome: changes.outcome ?? MatchOutcome.NOT_ELIGIBLE_ROLE }],
      }),
    );
  test('equals Postgres and the live node', () => expect(check({})).toEqual([]));
  test('of another decision on an application is found', () => {
    const results = application.results.map((result) => ({ ...result, outcome: 'met' as const }));
    expect(results).not.toEqual(application.results);
    expect(check({ applications: [{ ...application, results }] })).toEqual([
      'a replay of another decision on an application',
    ]);
  });
  test('of another version, or of other certificates at the same version, is found', () => {
    expect(check({ row: { ...operator, version: 2 } })).toEqual([
      'a replay of another version than Postgres',
    ]);
    const suspended = { ...certificate, status: 'suspended' as const };
    expect(check({ row: { ...operator, certificates: [suspended] } })).toEqual([
      'a replay of other certificates than Postgres',
      'a replay of another status than Postgres',
    ]);
  });
  test('an expired certificate gives no status', () => {
    const row = { ...operator, certificates: [{ ...certificate, status: 'expired' as const }] };
    const operators = [status({ status: CertificateStatus.EXPIRED })];
    expect(check({ row, operators, outcome: MatchOutcome.EXPIRED })).toEqual([]);
  });
  test('of an operator that is missing from the topic is found', () => {
    expect(check({ operators: [], outcome: MatchOutcome.NOT_ON_LIST })).toEqual([
      'a replay of another version than Postgres',
    ]);
  });
  test('a node that answers differently from the topics is found', () => {
    expect(check({ outcome: MatchOutcome.SUSPENDED })).toEqual([
      'a node that answers otherwise than the topics',
    ]);
  });
  test('other members, suspensions or lists than Postgres has are found', () => {
    expect(check({ partner: { ...partner, version: 2 } })).toEqual([
      'a replay of another membership than Postgres',
    ]);
    expect(check({ partner: { ...partner, suspensionVersion: 1, suspensionStatus: 'suspended' } })).toEqual([
      'a replay of another suspension than Postgres',
    ]);
    const other = ['a replay of another list than the one in force'];
    expect(check({ partners: [membership, ...activated(1, 0).slice(1)] })).toEqual(other);
    expect(check({ partners: [membership, ...activated(1, 0), ...activated(2, 0)] })).toEqual(other);
  });
});

test('requests and answers are recorded, and are read from a file unchanged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'transcript-'));
  const file = join(folder, 'transcript.jsonl');
  const transcript = recordTranscript(file, 'home');
  const request = clearanceService.AssessRequest.fromPartial({
    declaration: { declarationId: 'd', version: 1 },
  });
  const response = clearanceService.AssessResponse.fromPartial({
    decision: { revision: 3 },
    decidedAt: new Date(7),
  });
  expect(await transcript.assess(request, () => Promise.resolve(response))).toBe(response);
  const lost = new AppError('unavailable', 'UNAVAILABLE', 'gone');
  const control = { controlId: 'k', declarationId: 'd' };
  await expect(transcript.control(control, () => Promise.reject(lost))).rejects.toBe(lost);
  await transcript.end();
  const entries = [];
  for await (const entry of readTranscript(file)) entries.push(entry);
  rmSync(folder, { recursive: true });
  expect(entries).toMatchObject([
    { kind: 'assess', administration: 'home', ending: 'answered', answer: { revision: 3, decidedAt: 7 } },
    { kind: 'control', controlId: 'k', ending: 'cut', reason: 'UNAVAILABLE' },
  ]);
});
