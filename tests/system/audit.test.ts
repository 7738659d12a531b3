import { randomUUID } from 'node:crypto';
import type { GrpcClient } from '@aeo/platform/grpc';
import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { clearanceService, common } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { declarationOf } from '../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../infra/main-job/input/declarations-file.ts';
import { audit } from '../../infra/auditor/audit.ts';
import { recordTranscript } from '../../infra/auditor/transcript.ts';
import { certifiedTrader } from '../setup/registry/certified-trader.ts';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { startProcesses, type TestProcesses } from '../setup/services/processes.ts';
import { serviceClients, trainRiskScoring } from '../setup/services/service-clients.ts';

const stack = inject('stack');
const service = clearanceService.ClearanceServiceService;
const transcript = recordTranscript();
const row = readDeclarationsFile('infra/data/2021-q1.csv').rows[0]!;
const identifier = common.Identifier.fromPartial({
  scheme: 'national-trader-id',
  country: 'XA',
  value: 'AUDITED',
});
let processes: TestProcesses;
let clearance: GrpcClient;
let registry: GrpcClient;
let database: Database;

beforeAll(async () => {
  processes = await startProcesses(stack, { SCORE_TIMEOUT_MS: '1000' });
  const connect = serviceClients(processes.tlsDirectory);
  clearance = connect.clearance(processes.clearance);
  registry = connect.registry(processes.registry);
  await trainRiskScoring(processes.tlsDirectory, processes.risk);
  const url = processes.clearance.databaseUrl;
  database = await connectPostgres({ url, applicationName: 'tests', connectionsMax: 1 });
});
afterAll(async () => {
  for (const each of [clearance, registry, database]) await each.stop();
  await processes.stop();
});

const assess = (declarationId: string) => {
  const declaration = { ...declarationOf(row), declarationId, transportDocument: '' };
  const request = clearanceService.AssessRequest.fromPartial({
    declaration: { ...declaration, parties: [{ role: common.PartyRole.IMPORTER, identifier }] },
    stage: common.Stage.PRESENTATION,
  });
  return transcript.assess(request, () => clearance.call(service.assess, request));
};
const sources = () => ({
  boundMs: 2_000,
  administrations: [processes.source],
  transcripts: transcript.entries,
});

test('the audit passes for a certificate, its benefits, and a suspension with no benefit after it', async () => {
  const { operatorId, suspend } = await certifiedTrader(registry, identifier);
  await eventually(async () => {
    const { decision } = await assess(randomUUID());
    expect(decision?.assessments[0]?.credit).toBeGreaterThan(0);
  });
  await transcript.command({ command: 'suspendCertificate', operatorId }, () => suspend('an enquiry'));
  await eventually(async () => {
    const { decision } = await assess(randomUUID());
    expect(decision?.matches[0]?.outcome).toBe(common.MatchOutcome.SUSPENDED);
  });
  const { checked } = await expectSound(sources());
  for (const invariant of ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I10'] as const)
    expect([invariant, checked[invariant]]).not.toEqual([invariant, 0]);
});

test('the audit finds a ledger row that was changed and one that was deleted', async () => {
  await database.query(
    "UPDATE ledger SET office = 'elsewhere' WHERE declaration_id = (SELECT min(declaration_id) FROM ledger)",
  );
  await database.query('DELETE FROM ledger WHERE declaration_id = (SELECT max(declaration_id) FROM ledger)');
  const { violations } = await audit({ ...sources(), settleWithinMs: 0 });
  expect(new Set(violations.map(({ what }) => what))).toEqual(
    new Set([
      'an answer that is not recorded',
      'a decision without ledger row',
      'an event without ledger row',
      'not as it was sealed',
      'counts of a day and lane differ',
    ]),
  );
});
