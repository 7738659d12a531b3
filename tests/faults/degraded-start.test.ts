import type { GrpcClient } from '@aeo/platform/grpc';
import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { clearanceService, common } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { declarationOf } from '../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../infra/main-job/input/declarations-file.ts';
import { recordTranscript } from '../../infra/auditor/transcript.ts';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { between, waitForFault, testLimitMs } from '../setup/faults/fault-plan.ts';
import { startProcesses, type TestProcesses } from '../setup/services/processes.ts';
import { serviceClients, trainRiskScoring } from '../setup/services/service-clients.ts';

const service = clearanceService.ClearanceServiceService;
const { Lane, NoBenefitReason, SelectionReason, Stage } = common;
const stack = inject('stack');
const transcript = recordTranscript();
let processes: TestProcesses;
let client: GrpcClient;
let server: Database;

beforeAll(async () => {
  processes = await startProcesses(stack, { SCORE_TIMEOUT_MS: '1000' });
  client = serviceClients(processes.tlsDirectory).clearance(processes.clearance);
  await trainRiskScoring(processes.tlsDirectory, processes.risk);
  server = await connectPostgres({
    url: stack.postgresUrl,
    applicationName: 'tests',
    connectionsMax: 1,
  });
});
afterAll(async () => {
  await server.stop();
  await client.stop();
  await processes.stop();
});

const sample = readDeclarationsFile('infra/data/2021-q1.csv').rows;
const start = between(0, sample.length - 40);
const rows = sample.slice(start, start + 40);
const assess = async (declarationId: string, row = rows[0]!, hs6 = row.hs6) => {
  const declaration = { ...declarationOf({ ...row, hs6 }), declarationId };
  const request = clearanceService.AssessRequest.fromPartial({ declaration, stage: Stage.PRESENTATION });
  const ask = () => client.call(service.assess, request);
  const { decision, decidedAt } = await transcript.assess(request, ask);
  return { decision: decision!, decidedAt };
};

/** Takes clearance's database away as a network would: no connection lasts and none is made. */
async function databaseAway(away: boolean): Promise<void> {
  const name = new URL(processes.clearance.databaseUrl).pathname.slice(1);
  await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS ${String(!away)}`);
  if (away)
    await server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
}

test(
  'a node without its database decides provisionally and records the decision once the database is back',
  async () => {
    await eventually(async () => expect((await assess('before')).decision.noBenefit).toEqual([]));
    await databaseAway(true);
    const { decision, decidedAt } = await assess('away').finally(async () => {
      await waitForFault(0);
      await databaseAway(false);
    });
    expect(decidedAt).toBeUndefined();
    expect(decision).toMatchObject({ provisional: true });
    expect(decision.noBenefit).toEqual([NoBenefitReason.LEDGER_UNAVAILABLE]);
    expect(decision.assessments).toHaveLength(1);
    expect(decision.lane).toBe(decision.laneWithoutStatus);
    await eventually(async () => {
      const request = clearanceService.ExplainDecisionRequest.fromPartial({ declarationId: 'away' });
      const recorded = await client.call(service.explainDecision, request);
      expect(recorded.decision).toMatchObject({ provisional: false, noBenefit: [] });
      expect(recorded.decidedAt).toBeDefined();
    });
  },
  testLimitMs(60_000),
);

test(
  'a node whose database hangs answers within the deadline and records the decision afterwards',
  async () => {
    const name = new URL(processes.clearance.databaseUrl).pathname.slice(1);
    const { rows: backends } = await server.query<{ pid: number }>(
      'SELECT pid FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
      [name],
    );
    const signalBackends = (signal: NodeJS.Signals) =>
      backends.forEach(({ pid }) => process.kill(pid, signal));
    signalBackends('SIGSTOP');
    try {
      const declaration = { ...declarationOf(rows[0]!), declarationId: 'hung' };
      const request = clearanceService.AssessRequest.fromPartial({ declaration, stage: Stage.PRESENTATION });
      const ask = () => client.call(service.assess, request, { deadlineMs: 1_000 });
      const { decision, decidedAt } = await transcript.assess(request, ask);
      expect(decidedAt).toBeUndefined();
      expect(decision?.noBenefit).toContain(NoBenefitReason.LEDGER_UNAVAILABLE);
      await waitForFault(0);
    } finally {
      signalBackends('SIGCONT');
    }
    await eventually(async () => {
      const request = clearanceService.ExplainDecisionRequest.fromPartial({ declarationId: 'hung' });
      expect((await client.call(service.explainDecision, request)).decision).toMatchObject({ noBenefit: [] });
    });
  },
  testLimitMs(60_000),
);

test('a message over the size limit is refused with BODY_TOO_LARGE', async () => {
  const [party] = declarationOf(rows[0]!).parties;
  const parties = Array.from({ length: 30_000 }, () => party!);
  const declaration = { ...declarationOf(rows[0]!), declarationId: 'large', parties };
  const request = clearanceService.AssessRequest.fromPartial({ declaration, stage: Stage.PRESENTATION });
  await expect(client.call(service.assess, request)).rejects.toMatchObject({
    code: 'invalid',
    reason: 'BODY_TOO_LARGE',
  });
});

test('a node without the scorer applies the mandatory rules and releases nothing else', async () => {
  await processes.risk.child.stop(10_000);
  const animals = await Promise.all(rows.map((row, index) => assess(`animal-${index}`, row, '010619')));
  for (const { decision } of animals)
    expect(decision).toMatchObject({ lane: Lane.RED, selection: SelectionReason.LEGAL_CONTROL });
  const others = await Promise.all(rows.map((row, index) => assess(`other-${index}`, row, '851712')));
  for (const { decision } of others) {
    expect([Lane.YELLOW, Lane.RED]).toContain(decision.lane);
    expect(decision.noBenefit).toContain(NoBenefitReason.SCORE_UNAVAILABLE);
    expect(decision.provisional).toBe(true);
  }
});

test('the audit finds no violation after these faults', async () => {
  const { entries: transcripts } = transcript;
  const { apart } = await expectSound({ boundMs: 2_000, administrations: [processes.source], transcripts });
  expect(apart['answers that could not be recorded']).toBeGreaterThanOrEqual(2);
});
