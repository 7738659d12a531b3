import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GrpcClient } from '@aeo/platform/grpc';
import { clearanceService, common } from '@aeo/proto';
import { freePort } from '../../infra/local/processes/ports.ts';
import { listening, startReady } from '../../infra/local/processes/readiness.ts';
import type { Child } from '../../infra/local/processes/child-process.ts';
import { declarationOf, homeIdentifier } from '../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../infra/main-job/input/declarations-file.ts';
import { certifiedTrader } from '../setup/registry/certified-trader.ts';
import { eventually } from '../setup/eventually.ts';
import { startProcesses, type TestProcesses } from '../setup/services/processes.ts';
import { serviceClients, trainRiskScoring } from '../setup/services/service-clients.ts';
import type { Site } from './benchmark.ts';

const service = clearanceService.ClearanceServiceService;
const { DeclarationKind, Direction, PartyRole, Stage, TransportMode } = common;

type Trader = Awaited<ReturnType<typeof certifiedTrader>> & { identifier: common.Identifier };

export type Administration = {
  processes: TestProcesses;
  clearance: GrpcClient;
  registry: GrpcClient;
  traders: Trader[];
  stop(): Promise<void>;
};

/** Services as they run in earnest, with telemetry and mutual TLS, a trained model and certified traders. */
export async function startAdministration(site: Site, traders: number): Promise<Administration> {
  const processes = await startProcesses(site.stack, { SCORE_TIMEOUT_MS: '1000' });
  const connect = serviceClients(processes.tlsDirectory);
  const registry = connect.registry(processes.registry);
  const clearance = connect.clearance(processes.clearance);
  await trainRiskScoring(processes.tlsDirectory, processes.risk);
  const certified = await certify(registry, traders);
  for (const { identifier } of certified)
    await eventually(async () => {
      if (!(await clearance.call(service.getPriority, priorityQuestion(identifier))).priority)
        throw new Error(`${identifier.value} is certified and has no priority`);
    });
  const stop = async () => {
    await Promise.all([clearance.stop(), registry.stop()]);
    await processes.stop();
  };
  return { processes, clearance, registry, traders: certified, stop };
}

async function certify(registry: GrpcClient, count: number): Promise<Trader[]> {
  const traders: Trader[] = [];
  const lane = async () => {
    while (traders.length < count) {
      const identifier = homeIdentifier(`BENCH${String(traders.length).padStart(6, '0')}`);
      const place = traders.push({ identifier } as Trader) - 1;
      traders[place] = { ...(await certifiedTrader(registry, identifier)), identifier };
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  return traders;
}

/** A question that names its whole scope, so that the answer is a plain yes or no. */
export function priorityQuestion(identifier: common.Identifier): clearanceService.GetPriorityRequest {
  return clearanceService.GetPriorityRequest.fromPartial({
    identifier,
    role: PartyRole.IMPORTER,
    kind: DeclarationKind.IMPORT,
    direction: Direction.IMPORT,
    transportMode: TransportMode.SEA,
    office: '10',
    date: new Date().toISOString().slice(0, 10),
  });
}

const rows = readDeclarationsFile('infra/data/2021-q1.csv').rows.slice(0, 1_000);

/** A declaration of the data set under an id of its own, named as a stream's message. */
export function streamMessage(declarationId: string, index: number): clearanceService.AssessStreamRequest {
  const declaration = { ...declarationOf(rows[index % rows.length]!), declarationId };
  return clearanceService.AssessStreamRequest.fromPartial({
    requestId: declarationId,
    deadlineMs: 30_000,
    correlationId: declarationId,
    assess: { declaration, stage: Stage.PRESENTATION },
  });
}

export type Answers = {
  priority: clearanceService.GetPriorityResponse;
  assessed: clearanceService.AssessStreamResponse;
};

/** Two echo servers, the first of which hands stream messages on to the second; both answer what they are given. */
export async function startEchoes(
  site: Site,
  tlsDirectory: string,
  { priority, assessed }: Answers,
): Promise<{ address: string; pid: number; stop(): Promise<void> }> {
  const answers = join(site.folder, 'answers');
  mkdirSync(answers, { recursive: true });
  writeFileSync(
    join(answers, 'priority.bin'),
    clearanceService.GetPriorityResponse.encode(priority).finish(),
  );
  writeFileSync(
    join(answers, 'assessed.bin'),
    clearanceService.AssessStreamResponse.encode(assessed).finish(),
  );
  const second = await startEcho(site, { tlsDirectory, answers });
  const first = await startEcho(site, { tlsDirectory, answers, next: second.address });
  const stop = async () => {
    await first.child.stop(2_000);
    await second.child.stop(2_000);
  };
  return { address: first.address, pid: first.child.process.pid ?? 0, stop };
}

type EchoSettings = { tlsDirectory: string; answers: string; next?: string };

async function startEcho(site: Site, settings: EchoSettings): Promise<{ address: string; child: Child }> {
  const port = await freePort();
  const script = fileURLToPath(new URL('echo-main.ts', import.meta.url));
  const child = await startReady(
    {
      name: `echo-${port}`,
      command: process.execPath,
      args: [script, JSON.stringify({ ...settings, port })],
      logFile: join(site.folder, 'echo.log'),
      pidFolder: site.folder,
    },
    listening(port),
    { boundMs: 10_000 },
  );
  return { address: `localhost:${port}`, child };
}
