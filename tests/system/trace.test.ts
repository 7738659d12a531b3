import { randomBytes } from 'node:crypto';
import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { startTelemetry } from '@aeo/platform/telemetry/sdk';
import { withTrace } from '@aeo/platform/trace';
import { clearanceService, common, registryService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { declarationOf, homeIdentifier } from '../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../infra/main-job/input/declarations-file.ts';
import { eventually } from '../setup/eventually.ts';
import { startProcesses, type TestProcesses } from '../setup/services/processes.ts';
import { receiveSpans } from '../setup/telemetry/span-receiver.ts';

const service = clearanceService.ClearanceServiceService;
let receiver: Awaited<ReturnType<typeof receiveSpans>>;
let processes: TestProcesses;
let client: GrpcClient;

beforeAll(async () => {
  // Trace context alone: the test is a client that names its trace and sends no spans.
  startTelemetry({});
  receiver = await receiveSpans();
  processes = await startProcesses(inject('stack'), { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
  client = grpcClient(clearanceService.ClearanceServiceClient, {
    address: processes.clearance.address,
    tls: loadTls(processes.tlsDirectory, 'border-system'),
    defaultDeadlineMs: 10_000,
  });
});
afterAll(async () => {
  await client.stop();
  await processes.stop();
  await receiver.stop();
});

const newTrace = () => {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
};
const [row] = readDeclarationsFile('infra/data/2021-q1.csv').rows;
const declarationFor = (declarationId: string) => ({ ...declarationOf(row!), declarationId });
const { PRESENTATION } = common.Stage;

const spansOf = (traceId: string) =>
  receiver.spans
    .filter((span) => span.traceId === traceId)
    .map(({ service: name, name: span }) => `${name.replace(/^test[0-9a-f]{8}-/, '')}: ${span}`);

/** The importer of the row becomes an operator of ours, which its control results then reach. */
async function registerImporter(): Promise<void> {
  const registry = grpcClient(registryService.RegistryServiceClient, {
    address: processes.registry.address,
    tls: loadTls(processes.tlsDirectory, 'officer'),
  });
  const identifier = homeIdentifier(row!.importer);
  const { minVersion } = await registry.call(
    registryService.RegistryServiceService.registerOperator,
    registryService.RegisterOperatorRequest.fromPartial({
      operatorId: 'the-importer',
      name: 'An importer',
      sizeClass: common.SizeClass.SMALL,
      identifiers: [{ identifier }],
    }),
  );
  await registry.stop();
  await eventually(() =>
    client.call(
      service.getPriority,
      clearanceService.GetPriorityRequest.fromPartial({ identifier, minVersion }),
    ),
  );
}

test('a trace connects the client call through the broker to the last consumer', async () => {
  await registerImporter();
  const { traceId, traceparent } = newTrace();
  const declaration = declarationFor('traced-1');
  await withTrace(traceparent, () =>
    client.call(
      service.assess,
      clearanceService.AssessRequest.fromPartial({ declaration, stage: PRESENTATION }),
    ),
  );
  await withTrace(traceparent, () =>
    client.call(
      service.recordControl,
      clearanceService.RecordControlRequest.fromPartial({
        controlId: 'control-traced-1',
        declarationId: 'traced-1',
        version: 1,
        kind: common.ControlKind.PHYSICAL,
        outcome: common.ControlOutcome.CONFORM,
      }),
    ),
  );
  await eventually(() => {
    const spans = spansOf(traceId);
    expect(spans).toContain('clearance-priority: grpc.aeo.clearance.v1.ClearanceService/Assess');
    expect(spans).toContain('clearance-priority: grpc.aeo.clearance.v1.ClearanceService/RecordControl');
    expect(spans).toContain('risk-scoring: process clearance.decision.v1');
    expect(spans).toContain('risk-scoring: process clearance.control.v1');
    expect(spans.some((span) => span.startsWith('risk-scoring: pg.query:feedback-insert'))).toBe(true);
    expect(spans).toContain('aeo-registry: process clearance.control.v1');
    expect(spans.some((span) => span.startsWith('aeo-registry: pg.query:operator-write'))).toBe(true);
  });
});

test('each message of a stream has its own trace', async () => {
  const traces = [newTrace(), newTrace()];
  const stream = client.stream(service.assessStream);
  const answers: string[] = [];
  stream.onMessage(({ requestId }) => answers.push(requestId));
  for (const [index, { traceparent }] of traces.entries())
    await stream.write(
      clearanceService.AssessStreamRequest.fromPartial({
        requestId: `request-${index}`,
        traceparent,
        assess: { declaration: declarationFor(`streamed-${index}`), stage: PRESENTATION },
      }),
    );
  await eventually(() => expect(answers.toSorted()).toEqual(['request-0', 'request-1']));
  stream.end();
  await eventually(() => {
    for (const { traceId } of traces)
      expect(spansOf(traceId).filter((span) => span.includes('process clearance.decision.v1'))).toEqual([
        'risk-scoring: process clearance.decision.v1',
      ]);
  });
});

test('no span names the trader of the goods', () => {
  const identifiers = [row!.importer, row!.declarant, row!.seller, 'traced-1', 'streamed-0'].filter(
    (value) => value !== '',
  );
  const all = JSON.stringify(receiver.spans.map(({ name, attributes }) => [name, attributes]));
  expect(receiver.spans.length).toBeGreaterThan(20);
  expect(identifiers.filter((identifier) => all.includes(identifier))).toEqual([]);
});

test('every service serves its metrics and reports that it is live', async () => {
  const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
  expect(before).toBeUndefined();
  const { ca } = loadTls(processes.tlsDirectory, 'border-system');
  const { Agent, request } = await import('node:https');
  const ask = (address: string, path: string) =>
    new Promise<string>((resolve, reject) => {
      request(`https://${address}${path}`, { agent: new Agent({ ca }) }, (response) => {
        response.setEncoding('utf8');
        let body = '';
        response.on('data', (part: string) => (body += part)).on('end', () => resolve(body));
      })
        .on('error', reject)
        .end();
    });
  for (const { httpAddress } of [processes.risk, processes.registry, processes.clearance]) {
    expect(await ask(httpAddress, '/livez')).toBe('{"live":true}');
    expect(await ask(httpAddress, '/metrics')).toContain('aeo_outbox_oldest_age');
    expect(JSON.parse(await ask(httpAddress, '/v1/anything'))).toMatchObject({ code: 'NOT_ALLOWED' });
  }
  expect(await ask(processes.clearance.httpAddress, '/metrics')).toContain(
    'rpc_server_call_duration_count{rpc_method="aeo.clearance.v1.ClearanceService/Assess",rpc_response_status_code="OK"} 1',
  );
});
