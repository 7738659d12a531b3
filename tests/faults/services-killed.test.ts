import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { common, registryService, type clearanceService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { clearanceClient, type ClearanceClient } from '../../infra/main-job/declarations/clearance-client.ts';
import { homeIdentifier } from '../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../infra/main-job/input/declarations-file.ts';
import { retryWhileUnavailable } from '../../infra/main-job/retry-while-unavailable.ts';
import { killServicesInTurn } from '../../infra/main-job/services/kill-services.ts';
import { sendDeclarations } from '../../infra/main-job/declarations/send-declarations.ts';
import { supervise, type Supervised } from '../../infra/local/services/supervision.ts';
import { assessEntry, recordTranscript } from '../../infra/auditor/transcript.ts';
import { certifiedTrader } from '../setup/registry/certified-trader.ts';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { between, scaled, shuffled, testLimitMs } from '../setup/faults/fault-plan.ts';
import { startProcesses, type TestProcesses } from '../setup/services/processes.ts';
import { serviceClients, trainRiskScoring } from '../setup/services/service-clients.ts';

const sample = readDeclarationsFile('infra/data/2021-q1.csv').rows;
const count = scaled(360, 3_000);
const start = between(0, sample.length - count);
const rows = sample.slice(start, start + count);
const transcript = recordTranscript();
const { suspendCertificate, reinstateCertificate } = registryService.RegistryServiceService;
let processes: TestProcesses;
let supervised: Supervised[];
let clearance: ClearanceClient;
let registry: GrpcClient;

beforeAll(async () => {
  processes = await startProcesses(inject('stack'), { SCORE_TIMEOUT_MS: '250', THRESHOLDS_EVERY_MS: '250' });
  const { risk, tlsDirectory } = processes;
  const supervision = { log: () => undefined, onGivenUp: (reason: Error) => expect.fail(reason.message) };
  supervised = [risk, processes.registry, processes.clearance].map((each) => supervise(each, supervision));
  clearance = clearanceClient(
    processes.clearance.address,
    loadTls(tlsDirectory, 'border-system'),
    transcript,
  );
  registry = serviceClients(tlsDirectory, 5_000).registry(processes.registry);
  await trainRiskScoring(tlsDirectory, risk);
});
afterAll(async () => {
  await clearance.stop();
  await registry.stop();
  for (const each of supervised) await each.stop(10_000);
  await processes.stop();
});

/** A suspension lasts beyond the bound, so that there is a time in which nothing may be granted. */
const heldMs = { suspendCertificate: 2_600, reinstateCertificate: 400 };

type Trader = { operatorId: string; certificateId: string };

/** An officer who suspends and reinstates until stopped, and retries unanswered commands under their keys. */
async function suspendAndReinstate(trader: Trader, signal: AbortSignal): Promise<number> {
  let rounds = 0;
  for (; !signal.aborted; rounds += 1) {
    for (const command of ['suspendCertificate', 'reinstateCertificate'] as const) {
      const call = { actor: 'an officer', idempotencyKey: randomUUID() };
      const request = { ...trader, reason: 'an enquiry', effectiveFrom: undefined };
      await retryWhileUnavailable(() =>
        transcript.command({ command, ...trader, idempotencyKey: call.idempotencyKey }, () =>
          command === 'suspendCertificate'
            ? registry.call(suspendCertificate, request, call)
            : registry.call(reinstateCertificate, request, call),
        ),
      );
      await pause(heldMs[command]);
    }
  }
  return rounds;
}

/** Declarations at a steady rate; goods in the red lane are controlled, and the results are sent until they are accepted. */
async function decideAll(decided: (count: number) => void) {
  const controls: Promise<void>[] = [];
  const sent = await sendDeclarations(() => clearance.openStream(), rows, {
    perSecond: 30,
    unansweredMax: 200,
    deadlineMs: 5_000,
    silenceMaxMs: 10_000,
    reconnectMs: 100,
    patienceMs: 30_000,
    onDecision: (row, response: clearanceService.AssessResponse) => {
      const now = Date.now();
      const times = { askedAt: now, answeredAt: now, ending: 'answered' as const };
      transcript.record(assessEntry({ ...row, version: 1 }, times, response));
      if (response.decision?.lane === common.Lane.RED && response.decidedAt !== undefined)
        controls.push(retryWhileUnavailable(() => clearance.recordControl(row)));
    },
    progress: decided,
  });
  await Promise.all(controls);
  return sent;
}

test(
  'killing each service in turn under load loses no decision and duplicates none',
  async () => {
    const importers = [...new Set(rows.map(({ importer }) => importer))].slice(0, 4);
    const traders: Trader[] = [];
    for (const importer of importers) traders.push(await certifiedTrader(registry, homeIdentifier(importer)));
    await eventually(async () => {
      const answer = await clearance.priority(
        homeIdentifier(importers[0]!),
        common.PartyRole.IMPORTER,
        rows[0]!,
      );
      expect(answer.priority).toBe(true);
    });
    const stopped = new AbortController();
    const officers = traders.slice(1).map((trader) => suspendAndReinstate(trader, stopped.signal));
    const killed: string[] = [];
    const kills = killServicesInTurn({
      services: shuffled(supervised),
      declarations: rows.length,
      afterEach: () => Promise.resolve(),
      log: (line) => killed.push(line),
    });
    const sent = await decideAll((count) => kills.onDecided(count));
    await kills.done();
    stopped.abort();
    for (const rounds of await Promise.all(officers)) expect(rounds).toBeGreaterThan(0);
    expect(killed).toHaveLength(3);
    expect(sent).toMatchObject({ decided: rows.length, refused: [] });
    const { checked } = await expectSound({
      boundMs: 2_000,
      administrations: [processes.source],
      transcripts: transcript.entries,
      settleWithinMs: 30_000,
    });
    for (const invariant of ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I10'] as const)
      expect([invariant, checked[invariant] > 0]).toEqual([invariant, true]);
  },
  testLimitMs(120_000),
);
