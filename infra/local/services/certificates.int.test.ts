import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grpcClient, loadTls, serveGrpc, grpcService, type GrpcServer } from '@aeo/platform/grpc';
import { riskService } from '@aeo/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCertificates } from './certificates.ts';

const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'certificates-')));
const [own = '', foreign = ''] = folders;
const { RiskServiceService: service, RiskServiceClient: Client } = riskService;
let server: GrpcServer;

beforeAll(async () => {
  for (const folder of folders) await createCertificates(folder, ['risk-scoring', 'border-system']);
  const allow = { certificates: 'any' } as const;
  const handle = () => Promise.resolve(riskService.GetThresholdTableResponse.fromPartial({}));
  const answer = { allow, handle };
  const handlers = {
    importHistory: answer,
    trainModel: answer,
    getThresholdTable: answer,
    getFeedback: answer,
  };
  const definition = grpcService(service, {
    unary: handlers,
    bidi: { scoreStream: { allow, handle: () => Promise.resolve() } },
  });
  server = await serveGrpc({ port: 0, tls: loadTls(own, 'risk-scoring'), services: [definition] });
});
afterAll(async () => {
  await server.stop();
  folders.forEach((folder) => rmSync(folder, { recursive: true }));
});

async function ask(tls?: ReturnType<typeof loadTls>): Promise<unknown> {
  const client = grpcClient(Client, { address: `localhost:${server.port}`, ...(tls ? { tls } : {}) });
  const request = riskService.GetThresholdTableRequest.fromPartial({});
  return client.call(service.getThresholdTable, request).finally(() => client.stop());
}

test('a caller with a certificate of the same authority is answered', async () => {
  await expect(ask(loadTls(own, 'border-system'))).resolves.toMatchObject({ table: undefined });
});

test('a caller with a certificate of another authority is refused', async () => {
  const stranger = { ...loadTls(foreign, 'border-system'), ca: loadTls(own, 'risk-scoring').ca };
  await expect(ask(stranger)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a caller without a certificate is refused', async () => {
  await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
});
