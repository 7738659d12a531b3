import { fileURLToPath } from 'node:url';
import { databaseClock } from '@aeo/platform/clock';
import { outboxRows } from '@aeo/platform/outbox';
import { clearanceDecision, common, contentHash, declaration, registryStatus, topics } from '@aeo/proto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/setup/stack/database.ts';
import { postgresDecisionStore } from '../../adapters/decision-store.postgres.ts';
import { postgresLedgerCheck } from '../../adapters/ledger-check.postgres.ts';
import { createSuspensionIndex } from '../../domain/status-view/suspension-index.ts';
import { consignmentKey } from '../../domain/decision/draw.ts';
import { createBalanceRound, createBenefitRound, type LedgerWatchPorts } from './ledger-watch.ts';

const boundMs = 2_000;
const draw = { keyId: 'k', day: '2021-01-04', probabilityPpm: 10_000, selected: false, valuePpm: 500_000 };
const suspended = { source: 'registry', operatorId: 'the-suspended', component: 'compliance' };
let own: TestDatabase;
let ports: LedgerWatchPorts;
let writtenEvents: bigint;
let aheadMs: number;
let said: string[];

beforeEach(async () => {
  own = await createTestDatabase(
    inject('stack').postgresUrl,
    fileURLToPath(new URL('../../../migrations', import.meta.url)),
  );
  ({ writtenEvents, aheadMs, said } = { writtenEvents: 7n, aheadMs: 0, said: [] });
  const check = postgresLedgerCheck(own.database);
  const say = (message: string) => void said.push(message);
  ports = {
    ...check,
    now: async () => new Date((await check.now()).getTime() + aheadMs),
    written: () => Promise.resolve(writtenEvents),
    suspensions: createSuspensionIndex(boundMs),
    logger: { warn: say, error: say },
  };
});
afterEach(() => own.drop());

async function record(declarationId: string, credited?: typeof suspended): Promise<void> {
  const declared = declaration.Declaration.fromPartial({
    declarationId,
    version: 1,
    office: '10',
    declaredOn: '2021-01-04',
  });
  const decision = clearanceDecision.Decision.fromPartial({
    declarationId,
    version: 1,
    revision: 1,
    office: '10',
    declaredOn: '2021-01-04',
    draw,
    stage: common.Stage.PRESENTATION,
    lane: common.Lane.GREEN,
    matches: credited === undefined ? [] : [credited],
    assessments: [{ creditedMatch: credited === undefined ? -1 : 0 }],
  });
  const store = postgresDecisionStore({
    database: own.database,
    clock: databaseClock(() => performance.now()),
    statusAgeMaxMs: boundMs,
    monotonicMs: () => performance.now(),
    outboxRow: outboxRows([topics.decision], 'clearance-priority'),
  });
  const rest = { probe: false, correlationId: '', inTrace: <T>(work: () => T) => work() };
  const request = { declaration: declared, contentHash: contentHash(declared), ...rest };
  const [outcome] = await store.record([
    {
      request: { ...request, stage: common.Stage.PRESENTATION },
      decision,
      consignment: consignmentKey(declared),
      again: false,
      benefitAsOf: undefined,
    },
  ]);
  expect(outcome?.kind).toBe('recorded');
}

/** A watch that began before these declarations were decided, and looks when their window is closed. */
async function watched(...declarationIds: string[]) {
  const watch = createBalanceRound(ports);
  await watch.round();
  for (const declarationId of declarationIds) await record(declarationId);
  aheadMs = 30_000;
  await watch.round();
  return watch;
}

test('what was recorded balances: its events wait in the outbox, its seals are pending', async () => {
  const watch = await watched('one', 'two');
  expect(watch.imbalance()).toEqual({ decision_ledger: 0, ledger_seal: 0, ledger_event: 0 });
  expect(said).toEqual([]);
});

test('a removed ledger row is reported missing until it is restored', async () => {
  const watch = await watched('kept', 'taken');
  await own.database.query("CREATE TABLE away AS SELECT * FROM ledger WHERE declaration_id = 'taken'");
  await own.database.query("DELETE FROM ledger WHERE declaration_id = 'taken'");
  const late = createBalanceRound(ports);
  await late.round();
  expect(late.imbalance()).toMatchObject({ decision_ledger: 1, ledger_seal: 0 });
  expect(said).toEqual(['decisions, ledger, seals and events do not balance']);
  await own.database.query('INSERT INTO ledger SELECT * FROM away');
  await late.round();
  expect(late.imbalance()).toMatchObject({ decision_ledger: 0 });
  expect(watch.imbalance()).toMatchObject({ decision_ledger: 0 });
});

test('a ledger row without a key, and one that nothing seals, are found', async () => {
  await record('no-key');
  await record('no-seal');
  await own.database.query("DELETE FROM decision_key WHERE declaration_id = 'no-key'");
  await own.database.query("DELETE FROM proof_pending WHERE subject = 'no-seal/1/1'");
  aheadMs = 30_000;
  const watch = createBalanceRound(ports);
  await watch.round();
  expect(watch.imbalance()).toEqual({ decision_ledger: 1, ledger_seal: 1, ledger_event: 0 });
});

test('an event that left the outbox without being written is missed; one that was written is not', async () => {
  const watch = await watched('sent', 'lost');
  await own.database.query('DELETE FROM outbox');
  writtenEvents += 1n;
  aheadMs += 60_000;
  await watch.round();
  expect(watch.imbalance()).toEqual({ decision_ledger: 0, ledger_seal: 0, ledger_event: 1 });
});

const suspension = (since: Date) => {
  const status = registryStatus.OperatorStatus.fromPartial({
    operatorId: suspended.operatorId,
    version: { epoch: 1n, number: 2n },
    components: [{ component: 'compliance', status: common.CertificateStatus.SUSPENDED }],
  });
  ports.suspensions.noteOperator(status, since);
};

test('a benefit of a suspended operator is found, one before the bound or of another operator is not', async () => {
  const watch = createBenefitRound(ports);
  const now = await ports.now();
  await record('within-the-bound', suspended);
  suspension(now);
  await watch.round();
  expect(watch.found()).toBe(0);
  suspension(new Date(now.getTime() - 60_000));
  await record('somebody-else', { ...suspended, operatorId: 'somebody-else' });
  await watch.round();
  expect(watch.found()).toBe(0);
});

test('a late suspension is checked against benefits that were already recorded', async () => {
  const watch = createBenefitRound(ports);
  await record('late', suspended);
  await record('other-component', { ...suspended, component: 'another' });
  const now = await ports.now();
  aheadMs = 300_000;
  await watch.round();
  suspension(new Date(now.getTime() - 60_000));
  await watch.round();
  expect(watch.found()).toBe(1);
  expect(said).toEqual(['benefits were recorded after a suspension']);
  aheadMs = 4_000_000;
  await watch.round();
  expect(watch.found()).toBe(0);
});
