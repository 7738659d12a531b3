import { common, clearanceControl } from '@aeo/proto';
import { describe, expect, test } from 'vitest';
import { failsClosed } from './i2-fail-closed.ts';
import { nothingAcceptedIsLost, type AcceptedRecords } from './i3-nothing-lost.ts';
import { oneEffect, type EffectRecords } from './i4-one-effect.ts';
import { ledgerIsDecisions } from './i5-ledger.ts';
import type { Finding } from './report.ts';
import {
  assessEntry,
  auditRow,
  commandEntry,
  credit,
  decisionRow,
  operatorRecord,
  topicRecord,
} from './sample-state.ts';

const whats = ({ violations }: Finding) => violations.map(({ what }) => what);
const row = decisionRow();
const event = topicRecord({ declarationId: 'd', version: 1, revision: 1, lane: 1, declaredOn: '2021-01-04' });

describe('fails closed', () => {
  const check = (changes: Parameters<typeof decisionRow>[0], transcripts = [assessEntry()]) =>
    whats(failsClosed({ boundMs: 2_000, decisions: [decisionRow(changes)], transcripts }));
  const old = { registry: 7_900, exchange: 9_800 };
  test('a benefit on a fresh status has no violation', () =>
    expect(check({ credits: [credit()] })).toEqual([]));
  test('a benefit on a status older than the bound, and one without a status, are found', () => {
    const stale = ['a benefit on a stale status', 'a stale status that is not named'];
    expect(check({ credits: [credit()], asOf: old })).toEqual(stale);
    expect(check({ credits: [credit()], asOf: { registry: undefined, exchange: 9_800 } })).toEqual(stale);
  });
  test('a stale status that matched a party must be named', () => {
    expect(check({ asOf: old })).toEqual(['a stale status that is not named']);
    expect(check({ asOf: old, noBenefit: [common.NoBenefitReason.STALE_STATUS] })).toEqual([]);
    expect(check({ asOf: old, matched: [{ source: 'abroad', listSequence: 1 }] })).toEqual([]);
  });
  test('a benefit that is not recorded is found', () => {
    const entry = assessEntry({ benefit: true });
    delete entry.answer!.decidedAt;
    expect(check({}, [entry])).toEqual(['a benefit that is not recorded']);
  });
  test('a declaration that was never answered is found; one answered after a retry is not', () => {
    const cut = { ...assessEntry(), ending: 'cut' as const };
    delete cut.answer;
    expect(check({}, [cut])).toEqual(['a declaration that was never answered']);
    expect(check({}, [cut, assessEntry()])).toEqual([]);
    expect(check({}, [{ ...cut, ending: 'refused', reason: 'KEY_REUSED' }])).toEqual([]);
  });
});

describe('nothing accepted is lost', () => {
  const operators = [{ operatorId: 'o', version: 2, identifiers: [], certificates: [] }];
  const control = clearanceControl.ControlResult.fromPartial({
    controlId: 'k',
    parties: [{ operatorId: 'o' }],
  });
  const records = (changes: Partial<AcceptedRecords> = {}): AcceptedRecords => ({
    registry: { operators, audit: [auditRow({ version: 2 }), auditRow({ id: 2, controlId: 'k' })] },
    clearance: { keys: [row], controls: [{ controlId: 'k', declarationId: 'd', version: 1, probe: false }] },
    topics: {
      operators: [operatorRecord(2, 0)],
      controls: [topicRecord(control)],
      deadLetters: [],
      lodged: [topicRecord({ declarationId: 'd', version: 1 })],
    },
    waiting: { registry: { outbox: 0, unsealed: 0 } },
    transcripts: [
      commandEntry(2, 5_000),
      { kind: 'control', controlId: 'k', declarationId: 'd', askedAt: 1, answeredAt: 2, ending: 'answered' },
    ],
    ...changes,
  });
  const check = (changes: Partial<AcceptedRecords>) => whats(nothingAcceptedIsLost(records(changes)));
  test('sound records have no violation', () => expect(check({})).toEqual([]));
  test('an accepted command without effect, log or event is found', () => {
    expect(check({ transcripts: [commandEntry(3, 5_000)] })).toEqual([
      'an accepted command without effect',
      'an accepted command without its audit row',
      'an accepted command that was never published',
    ]);
  });
  test('an accepted control without effect, event or record is found', () => {
    const { topics, registry } = records();
    expect(check({ clearance: { keys: [row], controls: [] } })).toEqual([
      'an accepted control without effect',
    ]);
    expect(check({ topics: { ...topics, controls: [] } })).toEqual(['a control that was never published']);
    expect(check({ registry: { operators, audit: registry!.audit.slice(0, 1) } })).toEqual([
      'a control that is not in the record of its operator',
    ]);
  });
  test('a lodged declaration that is neither decided nor a dead letter is found', () => {
    const clearance = { ...records().clearance!, keys: [] };
    expect(check({ clearance })).toEqual(['a lodged declaration that is not decided']);
    const deadLetters = [{ topic: 'a topic.dlq', key: 'd' }];
    expect(check({ clearance, topics: { ...records().topics, deadLetters } })).toEqual([]);
  });
  test('events that stay in the outbox and rows that are not sealed are found', () => {
    expect(check({ waiting: { clearance: { outbox: 1, unsealed: 1 } } })).toHaveLength(2);
  });
});

describe('one effect', () => {
  const records = (changes: Partial<EffectRecords> = {}): EffectRecords => ({
    clearance: { decisions: [row], keys: [row] },
    audit: [],
    transcripts: [assessEntry()],
    topics: { decisions: [event], controls: [] },
    ...changes,
  });
  const check = (changes: Partial<EffectRecords>) => whats(oneEffect(records(changes)));
  const rows = (...decisions: (typeof row)[]) => ({ clearance: { decisions, keys: [] } });
  test('sound records have no violation, with events delivered once or twice', () => {
    expect(check({ topics: { decisions: [event, event], controls: [] } })).toEqual([]);
  });
  test('two rows of a revision, a gap, and two final decisions are found', () => {
    expect(check(rows(row, row))).toEqual(['revisions that are not one of each', 'two final decisions']);
    expect(check(rows({ ...row, revision: 2 }))).toContain('revisions that are not one of each');
    expect(check(rows(row, { ...row, revision: 2 }))).toEqual(['two final decisions']);
    expect(check(rows({ ...row, provisional: true }, { ...row, revision: 2 }))).toEqual([]);
  });
  test('an answer whose bytes differ from the record, or that is not recorded, is found', () => {
    const transcripts = [assessEntry({ hash: 'others' }), assessEntry({ revision: 7 })];
    expect(check({ transcripts })).toEqual([
      'an answer that differs from the record',
      'an answer that is not recorded',
    ]);
  });
  test('one decision published under two events is found', () => {
    const decisions = [event, { ...event, eventId: 'another' }];
    expect(check({ topics: { decisions, controls: [] } })).toEqual(['published under several events']);
  });
  test('one key with two effects is found', () => {
    const transcripts = [2, 3].map((number) => commandEntry(number, 1, { idempotencyKey: 'key' }));
    expect(check({ transcripts })).toEqual(['one key with two effects']);
  });
  test('a control that counts twice for an operator is found', () => {
    const audit = [auditRow({ controlId: 'k' }), auditRow({ id: 2, controlId: 'k' })];
    expect(check({ audit })).toEqual(['a control that counts twice']);
  });
});

describe('ledger = decisions', () => {
  const check = (decisions = [row], keys = [row], events = [event], problems: string[] = []) =>
    whats(
      ledgerIsDecisions({
        clearance: { decisions, keys },
        topics: { decisions: events },
        chains: [{ stream: 'ledger', leaves: 1, heads: 1, problems }],
      }),
    );
  test('sound records have no violation', () => expect(check()).toEqual([]));
  test('a decision without ledger row, and a ledger row without decision, are found', () => {
    expect(check([row], [row, { ...row, revision: 2 }])).toEqual(['a decision without ledger row']);
    expect(check([row], [])).toEqual(['a ledger row without decision']);
  });
  test('an event missing on the topic, one too many, and one of other content are found', () => {
    expect(check([row], [row], [])).toContain('a ledger row without event');
    const other = { ...event, value: { ...event.value!, revision: 2 } };
    expect(check([row], [row], [event, other])).toContain('an event without ledger row');
    expect(check([row], [row], [{ ...event, hash: 'others' }])).toEqual([
      'an event other than its ledger row',
    ]);
  });
  test('a row whose lane was changed changes the counts of its day', () => {
    expect(check([{ ...row, lane: 4 }])).toEqual(Array(2).fill('counts of a day and lane differ'));
  });
  test('a changed row under a sealed head is found', () => {
    expect(check([row], [row], [event], ['d/1/1 is not as it was sealed'])).toEqual(['not as it was sealed']);
  });
});
