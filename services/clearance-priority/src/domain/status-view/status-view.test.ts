import { describe, expect, test } from 'vitest';
import { common, exchangeStatus, registryStatus } from '@aeo/proto';
import type { Scope } from './match.ts';
import { createStatusView } from './status-view.ts';

const { CertificateStatus, Direction, MatchOutcome, PartyRole, Purpose, TransportMode } = common;
const at = new Date('2026-06-01T12:00:00Z');
const scope = { direction: Direction.IMPORT, transportMode: TransportMode.SEA };
const purpose = Purpose.FISCAL_COMPLIANCE;
const domestic = common.Identifier.fromPartial({ scheme: 'test-id', country: 'XA', value: 'H1' });
const foreign = common.Identifier.fromPartial({ scheme: 'test-id', country: 'XB', value: 'F1' });
const importer = { role: PartyRole.IMPORTER, identifier: domestic };
const seller = { role: PartyRole.SELLER, identifier: foreign };

function operator(
  operatorId: string,
  number: bigint,
  status: common.CertificateStatus,
  changes: { effectiveFrom?: Date; epoch?: bigint; identifier?: common.Identifier } = {},
) {
  return registryStatus.OperatorStatus.fromPartial({
    source: 'registry',
    operatorId,
    version: { epoch: changes.epoch ?? 1n, number },
    identifiers: [{ identifier: changes.identifier ?? domestic }],
    components: [
      {
        component: 'compliance',
        tier: 'tier-2',
        status,
        times: changes.effectiveFrom ? { effectiveFrom: changes.effectiveFrom } : {},
        purposes: [purpose],
        credits: [{ purpose, role: PartyRole.IMPORTER, sharePermille: 650 }],
        validated: true,
      },
    ],
  });
}

describe('a domestic identifier', () => {
  test('matches an active certificate with the credit of its role', () => {
    const view = createStatusView('XA', 4);
    view.applyOperator(operator('o1', 1n, CertificateStatus.ACTIVE));
    expect(view.match(importer, scope, at)).toMatchObject([
      { outcome: MatchOutcome.MATCHED, source: 'registry', credits: [{ sharePermille: 650 }] },
    ]);
    const asSeller = view.match({ ...importer, role: PartyRole.SELLER }, scope, at);
    expect(asSeller).toMatchObject([{ outcome: MatchOutcome.NOT_ELIGIBLE_ROLE, credits: [] }]);
  });

  test('never goes back to an older version, and a raised epoch wins', () => {
    const view = createStatusView('XA', 4);
    view.applyOperator(operator('o1', 5n, CertificateStatus.SUSPENDED));
    expect(view.applyOperator(operator('o1', 4n, CertificateStatus.ACTIVE))).toBe(false);
    expect(view.match(importer, scope, at)[0]?.outcome).toBe(MatchOutcome.SUSPENDED);
    expect(view.applyOperator(operator('o1', 1n, CertificateStatus.ACTIVE, { epoch: 2n }))).toBe(true);
    expect(view.match(importer, scope, at)[0]?.outcome).toBe(MatchOutcome.MATCHED);
  });

  test('of a certificate that is not validated yet is matched and gives no credit', () => {
    const view = createStatusView('XA', 4);
    const status = operator('o1', 1n, CertificateStatus.ACTIVE);
    view.applyOperator({ ...status, components: [{ ...status.components[0]!, validated: false }] });
    expect(view.match(importer, scope, at)).toMatchObject([{ outcome: MatchOutcome.MATCHED, credits: [] }]);
  });

  test('with two live claims is ambiguous', () => {
    const view = createStatusView('XA', 4);
    view.applyOperator(operator('o1', 1n, CertificateStatus.ACTIVE));
    view.applyOperator(operator('o2', 1n, CertificateStatus.ACTIVE));
    expect(view.match(importer, scope, at)).toMatchObject([{ outcome: MatchOutcome.AMBIGUOUS, credits: [] }]);
  });

  test('is matched only while the claim on it is in force', () => {
    const view = createStatusView('XA', 4);
    const [validFrom, validUntil] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-07-01T00:00:00Z')];
    const status = operator('o1', 1n, CertificateStatus.ACTIVE);
    view.applyOperator({
      ...status,
      identifiers: [{ identifier: domestic, validity: { validFrom, validUntil } }],
    });
    const outcome = (when: number) => view.match(importer, scope, new Date(when))[0]?.outcome;
    expect(outcome(validFrom.getTime() - 1)).toBe(MatchOutcome.NOT_ON_LIST);
    expect(outcome(validFrom.getTime())).toBe(MatchOutcome.MATCHED);
    expect(outcome(validUntil.getTime() - 1)).toBe(MatchOutcome.MATCHED);
    expect(outcome(validUntil.getTime())).toBe(MatchOutcome.NOT_ON_LIST);
    view.applyOperator(operator('o2', 1n, CertificateStatus.ACTIVE));
    expect(outcome(validUntil.getTime() - 1)).toBe(MatchOutcome.AMBIGUOUS);
    expect(outcome(validUntil.getTime())).toBe(MatchOutcome.MATCHED);
  });

  test('keeps its benefit until a suspension takes effect', () => {
    const view = createStatusView('XA', 4);
    const effectiveFrom = new Date('2026-06-01T13:00:00Z');
    view.applyOperator(operator('o1', 1n, CertificateStatus.SUSPENDED, { effectiveFrom }));
    expect(view.match(importer, scope, at)[0]?.outcome).toBe(MatchOutcome.MATCHED);
    expect(view.match(importer, scope, effectiveFrom)[0]?.outcome).toBe(MatchOutcome.SUSPENDED);
  });

  test('gets nothing by a second certificate of a suspended component, and keeps what other components give', () => {
    const view = createStatusView('XA', 4);
    const [suspended] = operator('o1', 1n, CertificateStatus.SUSPENDED).components;
    const [active] = operator('o1', 1n, CertificateStatus.ACTIVE).components;
    const revoked = { ...suspended!, status: CertificateStatus.REVOKED };
    const apply = (number: bigint, components: registryStatus.StatusComponent[]) =>
      view.applyOperator({ ...operator('o1', number, CertificateStatus.ACTIVE), components });
    apply(1n, [suspended!, active!]);
    expect(view.match(importer, scope, at)).toMatchObject([{ outcome: MatchOutcome.SUSPENDED, credits: [] }]);
    apply(2n, [active!, suspended!]);
    expect(view.match(importer, scope, at)).toMatchObject([{ outcome: MatchOutcome.SUSPENDED, credits: [] }]);
    apply(3n, [suspended!, { ...active!, component: 'security' }]);
    expect(view.match(importer, scope, at)).toMatchObject([
      { outcome: MatchOutcome.MATCHED, component: 'security' },
    ]);
    apply(4n, [revoked, active!]);
    expect(view.match(importer, scope, at)[0]?.outcome).toBe(MatchOutcome.MATCHED);
  });

  test('gives nothing while its record cannot be read, until a newer one is', () => {
    const view = createStatusView('XA', 4);
    view.applyOperator(operator('o1', 1n, CertificateStatus.ACTIVE));
    expect(view.blockOperator('o1')).toBe(true);
    expect(view.match(importer, scope, at)[0]?.outcome).toBe(MatchOutcome.STALE_LIST);
    view.applyOperator(operator('o1', 2n, CertificateStatus.ACTIVE));
    expect(view.match(importer, scope, at)[0]?.outcome).toBe(MatchOutcome.MATCHED);
  });

  test('of a status this version does not know gives nothing', () => {
    const view = createStatusView('XA', 4);
    view.applyOperator(operator('o1', 1n, 99 as common.CertificateStatus));
    expect(view.match(importer, scope, at)[0]?.outcome).toBe(MatchOutcome.NOT_ON_LIST);
  });

  test('matches no operator once that operator was erased', () => {
    const view = createStatusView('XA', 4);
    view.applyOperator(operator('o1', 1n, CertificateStatus.ACTIVE));
    view.applyOperator({ ...operator('o1', 2n, CertificateStatus.ACTIVE), erased: true });
    expect(view.match(importer, scope, at)).toMatchObject([
      { outcome: MatchOutcome.NOT_ON_LIST, operatorId: '', credits: [] },
    ]);
  });

  test('that is missing is no identifier', () => {
    const match = createStatusView('XA', 4).match(
      { role: PartyRole.SELLER, identifier: undefined },
      scope,
      at,
    );
    expect(match).toMatchObject([{ outcome: MatchOutcome.NO_IDENTIFIER, source: '' }]);
  });
});

const terms = exchangeStatus.ArrangementTerms.fromPartial({
  arrangementId: 'a1',
  version: 1,
  partnerCountry: 'XB',
  live: true,
  purposes: [purpose],
  credits: [{ purpose, role: PartyRole.SELLER, sharePermille: 300 }],
  directions: [Direction.IMPORT],
  transportModes: [TransportMode.SEA],
  recognisedTiers: ['tier-1'],
});

function member(id: string, number: bigint, slots: { sequence: bigint; listed: boolean }[]) {
  return exchangeStatus.PartnerStatus.fromPartial({
    record: {
      $case: 'membership',
      value: {
        arrangementId: 'a1',
        partnerOperatorId: id,
        version: { epoch: 1n, number },
        identifiers: [foreign],
        slots: slots.map((slot) => ({ ...slot, tier: 'tier-1', status: CertificateStatus.ACTIVE })),
      },
    },
  });
}

type Activation = Parameters<typeof exchangeStatus.ListActivated.fromPartial>[0];

function activated(
  sequence: bigint,
  partition: number,
  counts: [all: bigint, here: bigint],
  changes: Activation = {},
) {
  return exchangeStatus.PartnerStatus.fromPartial({
    record: {
      $case: 'activated',
      value: {
        arrangementId: 'a1',
        sequence,
        count: counts[0],
        partitionCount: counts[1],
        version: { epoch: 1n, number: sequence },
        terms,
        ...changes,
      },
    },
  });
}

describe('a partner list', () => {
  test('switches only when every partition has its activation and the counts agree', () => {
    const view = createStatusView('XA', 2);
    expect(view.match(seller, scope, at)[0]?.outcome).toBe(MatchOutcome.ARRANGEMENT_NOT_LIVE);
    view.applyPartner(member('p1', 1n, [{ sequence: 1n, listed: true }]), 0);
    view.applyPartner(activated(1n, 0, [1n, 1n]), 0);
    expect(view.match(seller, scope, at)[0]?.outcome).toBe(MatchOutcome.ARRANGEMENT_NOT_LIVE);
    view.applyPartner(activated(1n, 1, [1n, 0n]), 1);
    expect(view.match(seller, scope, at)).toMatchObject([
      { outcome: MatchOutcome.MATCHED, source: 'a1', listSequence: 1n, credits: [{ sharePermille: 300 }] },
    ]);
  });

  test('waits for a member that is still on its way', () => {
    const view = createStatusView('XA', 1);
    view.applyPartner(activated(1n, 0, [1n, 1n]), 0);
    expect(view.match(seller, scope, at)[0]?.outcome).toBe(MatchOutcome.ARRANGEMENT_NOT_LIVE);
    view.applyPartner(member('p1', 1n, [{ sequence: 1n, listed: true }]), 0);
    expect(view.match(seller, scope, at)[0]?.outcome).toBe(MatchOutcome.MATCHED);
  });

  test('holds the old list for a member of both until the next is whole', () => {
    const view = createStatusView('XA', 2);
    view.applyPartner(member('p1', 1n, [{ sequence: 1n, listed: true }]), 0);
    view.applyPartner(activated(1n, 0, [1n, 1n]), 0);
    view.applyPartner(activated(1n, 1, [1n, 0n]), 1);
    const slots = [
      { sequence: 1n, listed: true },
      { sequence: 2n, listed: false },
    ];
    view.applyPartner(member('p1', 2n, slots), 0);
    view.applyPartner(activated(2n, 0, [0n, 0n]), 0);
    expect(view.match(seller, scope, at)[0]?.outcome).toBe(MatchOutcome.MATCHED);
    view.applyPartner(activated(2n, 1, [0n, 0n]), 1);
    expect(view.match(seller, scope, at)[0]?.outcome).toBe(MatchOutcome.NOT_ON_LIST);
  });

  test('a suspension acts at once, outside any list', () => {
    const view = createStatusView('XA', 1);
    view.applyPartner(member('p1', 1n, [{ sequence: 1n, listed: true }]), 0);
    view.applyPartner(activated(1n, 0, [1n, 1n]), 0);
    const value = { arrangementId: 'a1', partnerOperatorId: 'p1', version: { epoch: 1n, number: 1n } };
    const status = CertificateStatus.SUSPENDED;
    view.applyPartner(
      exchangeStatus.PartnerStatus.fromPartial({
        record: { $case: 'suspension', value: { ...value, status } },
      }),
      0,
    );
    expect(view.match(seller, scope, at)).toMatchObject([{ outcome: MatchOutcome.SUSPENDED, credits: [] }]);
  });

  test('a member whose absence from a newer list awaits an answer gives no benefit and stays a member', () => {
    const view = createStatusView('XA', 1);
    view.applyPartner(member('p1', 1n, [{ sequence: 1n, listed: true }]), 0);
    view.applyPartner(activated(1n, 0, [1n, 1n]), 0);
    const mark = (number: bigint, absenceUnanswered: boolean) => {
      const { record } = member('p1', number, [{ sequence: 1n, listed: true }]);
      if (record?.$case !== 'membership') return;
      view.applyPartner({ record: { ...record, value: { ...record.value, absenceUnanswered } } }, 0);
    };
    mark(2n, true);
    expect(view.match(seller, scope, at)).toMatchObject([{ outcome: MatchOutcome.STALE_LIST, credits: [] }]);
    mark(3n, false);
    expect(view.match(seller, scope, at)).toMatchObject([
      { outcome: MatchOutcome.MATCHED, listSequence: 1n },
    ]);
  });

  test('gives no benefit from the end of its validity on', () => {
    const view = createStatusView('XA', 1);
    view.applyPartner(member('p1', 1n, [{ sequence: 1n, listed: true }]), 0);
    view.applyPartner(activated(1n, 0, [1n, 1n], { listValidUntil: at }), 0);
    const justBefore = new Date(at.getTime() - 1);
    expect(view.match(seller, scope, justBefore)).toMatchObject([{ outcome: MatchOutcome.MATCHED }]);
    expect(view.match(seller, scope, at)).toMatchObject([{ outcome: MatchOutcome.STALE_LIST, credits: [] }]);
  });

  test('gives no benefit as soon as one partition carries the end of the arrangement', () => {
    const view = createStatusView('XA', 2);
    view.applyPartner(member('p1', 1n, [{ sequence: 1n, listed: true }]), 0);
    view.applyPartner(activated(1n, 0, [1n, 1n]), 0);
    view.applyPartner(activated(1n, 1, [1n, 0n]), 1);
    expect(view.match(seller, scope, at)).toMatchObject([{ outcome: MatchOutcome.MATCHED }]);
    // The partition that tells last of an activation has the highest version of it.
    const again = { version: { epoch: 1n, number: 3n } };
    const ended = { version: { epoch: 1n, number: 2n }, terms: { ...terms, live: false } };
    view.applyPartner(activated(1n, 1, [1n, 0n], again), 1);
    view.applyPartner(activated(1n, 0, [1n, 1n], ended), 0);
    expect(view.match(seller, scope, at)).toMatchObject([
      { outcome: MatchOutcome.ARRANGEMENT_NOT_LIVE, credits: [] },
    ]);
  });

  test('does not match identifiers of a third country', () => {
    const view = createStatusView('XA', 1);
    const third = { ...foreign, country: 'XC' };
    const listed = member('p1', 1n, [{ sequence: 1n, listed: true }]);
    if (listed.record?.$case === 'membership') listed.record.value.identifiers = [third];
    view.applyPartner(listed, 0);
    view.applyPartner(activated(1n, 0, [1n, 1n]), 0);
    const found = view.match({ ...seller, identifier: third }, scope, at);
    expect(found).toMatchObject([{ outcome: MatchOutcome.ARRANGEMENT_NOT_LIVE, credits: [] }]);
  });

  test('gives nothing outside its scope', () => {
    const view = createStatusView('XA', 1);
    view.applyPartner(member('p1', 1n, [{ sequence: 1n, listed: true }]), 0);
    view.applyPartner(activated(1n, 0, [1n, 1n]), 0);
    const outcome = (changes: Partial<Scope>) => view.match(seller, { ...scope, ...changes }, at)[0]?.outcome;
    expect(outcome({ direction: Direction.EXPORT })).toBe(MatchOutcome.OUT_OF_SCOPE_DIRECTION);
    expect(outcome({ transportMode: TransportMode.AIR })).toBe(MatchOutcome.OUT_OF_SCOPE_MODE);
  });
});
