import type { CallContext } from '@aeo/platform/grpc';
import { clearanceService, common, exchangeStatus, registryStatus } from '@aeo/proto';
import { expect, test } from 'vitest';
import { createNodeState } from '../../application/status-view/node-state.ts';
import { getPriority } from './get-priority.ts';

const { CertificateStatus, DeclarationKind, Direction, MatchOutcome, PartyRole, Purpose, TransportMode } =
  common;
const purpose = Purpose.FISCAL_COMPLIANCE;
const domestic = { scheme: 'test-id', country: 'XA', value: 'H1' };
const foreign = { scheme: 'test-id', country: 'XB', value: 'F1' };
const now = new Date('2026-06-10T12:00:00Z');
const validity = {
  validFrom: new Date('2026-06-05T10:00:00Z'),
  validUntil: new Date('2026-06-20T10:00:00Z'),
};
const version = { epoch: 1n, number: 1n };

type Standing = { status?: common.CertificateStatus; effectiveFrom?: Date };

/** A node that knows a domestic operator, and a partner's seller recognised for imports by sea and rail. */
function node({ status = CertificateStatus.ACTIVE, effectiveFrom }: Standing = {}) {
  const nodeState = createNodeState({
    country: 'XA',
    partitions: { registry: 1, exchange: 1 },
    compile: () => () => ({ outcome: 'not_met', factsRead: [] }),
  });
  const credit = (role: common.PartyRole, sharePermille: number) => ({ purpose, role, sharePermille });
  nodeState.view.applyOperator(
    registryStatus.OperatorStatus.fromPartial({
      operatorId: 'o1',
      version,
      identifiers: [{ identifier: domestic }],
      components: [
        {
          component: 'compliance',
          tier: 'tier-2',
          status,
          validity,
          validated: true,
          purposes: [purpose],
          credits: [credit(PartyRole.IMPORTER, 650), credit(PartyRole.DECLARANT, 325)],
          ...(effectiveFrom ? { times: { effectiveFrom } } : {}),
        },
      ],
    }),
  );
  const member = { arrangementId: 'a1', partnerOperatorId: 'p1', version, identifiers: [foreign] };
  const slot = { sequence: 1n, listed: true, tier: 'tier-1', component: 'security', validity };
  const terms = {
    arrangementId: 'a1',
    version: 1,
    partnerCountry: 'XB',
    live: true,
    recognisedTiers: ['tier-1'],
    directions: [Direction.IMPORT],
    transportModes: [TransportMode.SEA, TransportMode.RAIL],
    purposes: [purpose],
    credits: [credit(PartyRole.SELLER, 300)],
  };
  const records: Parameters<typeof exchangeStatus.PartnerStatus.fromPartial>[0][] = [
    {
      record: {
        $case: 'membership',
        value: { ...member, slots: [{ ...slot, status: CertificateStatus.ACTIVE }] },
      },
    },
    {
      record: {
        $case: 'activated',
        value: { arrangementId: 'a1', sequence: 1n, count: 1n, partitionCount: 1n, version, terms },
      },
    },
  ];
  for (const record of records)
    nodeState.view.applyPartner(exchangeStatus.PartnerStatus.fromPartial(record), 0);
  nodeState.freshness.heartbeat('registry', 0, now.getTime());
  nodeState.freshness.heartbeat('exchange', 0, now.getTime());
  const clock = { read: () => ({ nowMs: now.getTime(), errorMs: 0 }) };
  const ask = getPriority({ nodeState, clock, statusAgeMaxMs: 2_000 });
  return (request: Parameters<typeof clearanceService.GetPriorityRequest.fromPartial>[0]) =>
    ask(clearanceService.GetPriorityRequest.fromPartial(request), {} as CallContext);
}

const whole = {
  identifier: domestic,
  role: PartyRole.IMPORTER,
  kind: DeclarationKind.IMPORT,
  office: '10',
  direction: Direction.IMPORT,
  transportMode: TransportMode.SEA,
  date: '2026-06-10',
};
const worth = { source: 'registry', component: 'compliance', tier: 'tier-2', purpose, validity };

test('a question that names its whole scope gets a yes, with how long it holds', async () => {
  expect(await node()(whole)).toMatchObject({
    priority: true,
    match: MatchOutcome.MATCHED,
    entitlements: [
      {
        ...worth,
        role: PartyRole.IMPORTER,
        sharePermille: 650,
        direction: Direction.IMPORT,
        transportModes: [TransportMode.SEA],
      },
    ],
  });
});

test.each(['role', 'kind', 'direction', 'transportMode', 'office', 'date'] as const)(
  'a question without its %s gets entitlements and no yes',
  async (left) => {
    const answer = await node()({ ...whole, [left]: typeof whole[left] === 'string' ? '' : 0 });
    expect(answer).toMatchObject({ priority: false, match: MatchOutcome.MATCHED });
    expect(answer.entitlements.length).toBeGreaterThan(0);
  },
);

test('a partner identifier without direction and mode gets the scopes of its arrangement', async () => {
  expect(await node()({ identifier: foreign })).toMatchObject({
    priority: false,
    match: MatchOutcome.MATCHED,
    entitlements: [
      {
        source: 'a1',
        component: 'security',
        tier: 'tier-1',
        role: PartyRole.SELLER,
        validity,
        direction: Direction.IMPORT,
        transportModes: [TransportMode.SEA, TransportMode.RAIL],
      },
    ],
  });
});

test('a scope that the arrangement does not cover is named as the reason', async () => {
  expect(await node()({ identifier: foreign, direction: Direction.EXPORT })).toMatchObject({
    match: MatchOutcome.OUT_OF_SCOPE_DIRECTION,
    entitlements: [],
  });
});

test('a domestic status without any scope is listed by role and direction', async () => {
  const { entitlements } = await node()({ identifier: domestic });
  const scopes = entitlements.map(({ role, direction, transportModes }) => [
    role,
    direction,
    transportModes.length,
  ]);
  expect(scopes.sort()).toEqual([
    [PartyRole.IMPORTER, Direction.IMPORT, 6],
    [PartyRole.IMPORTER, Direction.EXPORT, 6],
    [PartyRole.DECLARANT, Direction.IMPORT, 6],
    [PartyRole.DECLARANT, Direction.EXPORT, 6],
  ]);
});

test.each([
  ['today', '2026-06-10', MatchOutcome.MATCHED],
  ['no day, which is today', '', MatchOutcome.MATCHED],
  ['the day of its grant', '2026-06-05', MatchOutcome.MATCHED],
  ['the day before', '2026-06-04', MatchOutcome.NOT_YET_EFFECTIVE],
  ['its last day', '2026-06-20', MatchOutcome.MATCHED],
  ['the day after', '2026-06-21', MatchOutcome.EXPIRED],
])('validity is that of %s', async (_, date, match) => {
  const answer = await node()({ ...whole, date });
  expect(answer.match).toBe(match);
  expect(answer.entitlements.length).toBe(match === MatchOutcome.MATCHED ? 1 : 0);
});

test.each([
  ['today', '2026-06-10', MatchOutcome.SUSPENDED],
  ['a day before it, since it stands now', '2026-06-08', MatchOutcome.SUSPENDED],
  ['a day to come', '2026-06-15', MatchOutcome.SUSPENDED],
])('a suspension that took effect counts for %s', async (_, date, match) => {
  const ask = node({ status: CertificateStatus.SUSPENDED, effectiveFrom: new Date('2026-06-09T00:00:00Z') });
  expect(await ask({ ...whole, date })).toMatchObject({ priority: false, match, entitlements: [] });
});

test('a suspension to come counts from its day on', async () => {
  const ask = node({ status: CertificateStatus.SUSPENDED, effectiveFrom: new Date('2026-06-15T00:00:00Z') });
  expect(await ask(whole)).toMatchObject({ priority: true });
  expect(await ask({ ...whole, date: '2026-06-15' })).toMatchObject({ match: MatchOutcome.SUSPENDED });
});

test('what cannot be used is named by its path', async () => {
  await expect(
    node()({ ...whole, date: '0000-01-01', office: '?', role: 99 as common.PartyRole }),
  ).rejects.toMatchObject({
    fields: [
      { path: 'role', code: 'FIELD_UNKNOWN_VALUE' },
      { path: 'office', code: 'FIELD_FORMAT' },
      { path: 'date', code: 'FIELD_RANGE' },
    ],
  });
});

test('a caller that names a version is not answered from an older one', async () => {
  const tokenOf = (number: bigint) =>
    Buffer.from(
      common.StatusPosition.encode({
        source: 'registry',
        aggregate: 'o1',
        version: { epoch: 1n, number },
      }).finish(),
    ).toString('base64url');
  const ask = node();
  expect(await ask({ ...whole, minVersion: tokenOf(1n) })).toMatchObject({ priority: true });
  const answer = await Promise.resolve({ ...whole, minVersion: tokenOf(2n) })
    .then(ask)
    .catch((error: unknown) => error);
  expect(answer).toMatchObject({ code: 'unavailable', reason: 'STALE' });
});
