import { common, exchangeStatus } from '@aeo/proto';
import { describe, expect, test } from 'vitest';
import { noBenefitAfterSuspension, type SuspensionRecords } from './i1-suspension.ts';
import {
  auditRow,
  commandEntry,
  credit,
  decisionRow,
  operatorRecord,
  priorityEntry,
  topicRecord,
} from './sample-state.ts';

const identifiers = [{ scheme: 's', country: 'XA', value: 'v' }];
const granted = auditRow();
const suspended = auditRow({
  id: 2,
  version: 2,
  type: 'CertificateSuspended',
  effectiveFrom: 5_000,
  recordedAt: 5_000,
});
const reinstated = auditRow({ id: 3, version: 3, type: 'CertificateReinstated', recordedAt: 20_000 });
/** The suspension is answered at 5.1 s: from 7.1 s on there must be no benefit. */
const records = (changes: Partial<SuspensionRecords> = {}): SuspensionRecords => ({
  boundMs: 2_000,
  epoch: 1,
  audit: [granted, suspended],
  operators: [],
  decisions: [],
  transcripts: [commandEntry(2, 5_100)],
  registered: [{ operatorId: 'o', version: 2, identifiers, certificates: [] }],
  partners: [],
  ...changes,
});
const decidedAt = (at: number, version: number, asOf = at - 1_950) =>
  decisionRow({
    decidedAt: at,
    evaluatedAt: at - 10,
    asOf: { registry: asOf, exchange: undefined },
    credits: [credit({ version: { epoch: 1, number: version } })],
  });
const whats = (changes: Partial<SuspensionRecords>) =>
  noBenefitAfterSuspension(records(changes)).violations.map(({ what }) => what);

describe('recorded benefits', () => {
  test('before the bound are compared and have no violation', () => {
    const finding = noBenefitAfterSuspension(records({ decisions: [decidedAt(7_000, 1)] }));
    expect(finding.violations).toEqual([]);
    expect(finding.compared).toBeGreaterThan(0);
  });
  test('at the bound and later are found', () => {
    expect(whats({ decisions: [decidedAt(7_100, 1, 5_000)] })).toEqual(['a benefit after the bound']);
  });
  test('as of a time after the suspension are found, however early', () => {
    const decisions = [decidedAt(5_200, 1, 5_100)];
    expect(whats({ decisions })).toEqual(['a benefit as of a time after the suspension']);
  });
  test('by a node that had read the suspension are found', () => {
    expect(whats({ decisions: [decidedAt(5_200, 2)] })).toEqual([
      'a benefit by an instance that had seen the suspension',
    ]);
  });
  test('on the reinstated status have no violation', () => {
    const audit = [granted, suspended, reinstated];
    expect(whats({ audit, decisions: [decidedAt(20_100, 3)] })).toEqual([]);
    expect(whats({ audit, decisions: [decidedAt(20_100, 2)] })).toHaveLength(1);
  });
  test('before a known suspension takes effect have no violation', () => {
    const audit = [granted, { ...suspended, effectiveFrom: 15_000 }];
    expect(whats({ audit, decisions: [decidedAt(14_000, 2), decidedAt(16_500, 1, 5_000)] })).toEqual([]);
    expect(whats({ audit, decisions: [decidedAt(17_000, 1, 5_000)] })).toHaveLength(1);
  });
  test('count from the time of the status in Kafka where no officer received the answer', () => {
    const withoutTranscripts = { transcripts: [], operators: [operatorRecord(2, 6_000)] };
    expect(whats({ ...withoutTranscripts, decisions: [decidedAt(7_900, 1, 5_990)] })).toEqual([]);
    expect(whats({ ...withoutTranscripts, decisions: [decidedAt(8_000, 1, 5_990)] })).toHaveLength(1);
  });
  test('of a certificate that was not granted are found', () => {
    const decisions = [decisionRow({ credits: [credit({ certificateId: 'forged' })] })];
    expect(whats({ decisions })).toEqual(['a benefit of a certificate that was not granted']);
  });
  test('under a version from before a restore count as older than the suspension', () => {
    const operators = [operatorRecord(2, 6_000)];
    operators[0]!.value!.version!.epoch = 2n;
    expect(whats({ epoch: 2, operators, decisions: [decidedAt(7_000, 2)] })).toEqual([]);
  });
});

describe('what a partner suspended', () => {
  const suspension = (status: common.CertificateStatus, sentAt: number) =>
    topicRecord(
      exchangeStatus.PartnerStatus.fromPartial({ record: { $case: 'suspension', value: { status } } }),
      { key: 'suspension/abroad/p', sentAt, offset: sentAt },
    );
  const { ACTIVE, SUSPENDED } = common.CertificateStatus;
  const partners = [suspension(SUSPENDED, 5_000), suspension(ACTIVE, 20_000)];
  const at = (decidedAt: number) =>
    whats({
      partners,
      decisions: [decisionRow({ decidedAt, credits: [credit({ source: 'abroad', operatorId: 'p' })] })],
    });
  test('gives no benefit from the bound until the reinstatement', () => {
    expect([at(6_999), at(20_000)]).toEqual([[], []]);
    expect(at(7_000)).toEqual(['a benefit of a partner after the bound']);
  });
});

describe('answers of GetPriority', () => {
  const yes = (askedAt: number) => [
    commandEntry(2, 5_100),
    priorityEntry({ askedAt, answeredAt: askedAt + 10 }),
  ];
  test('may give priority until the bound, and not to a request after it', () => {
    expect(whats({ transcripts: yes(7_000) })).toEqual([]);
    expect(whats({ transcripts: yes(7_100) })).toEqual(['priority after the bound']);
  });
  test('may give priority again from the reinstatement on', () => {
    const audit = [granted, suspended, reinstated];
    expect(whats({ audit, transcripts: yes(19_995) })).toEqual([]);
    expect(whats({ audit, transcripts: yes(19_000) })).toHaveLength(1);
  });
});
