import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '@aeo/aeo-registry';
import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { stopAll } from '@aeo/platform/lifecycle';
import type { Database } from '@aeo/platform/postgres';
import { common, registryService } from '@aeo/proto';
import { createCertificates } from '../../../infra/local/services/certificates.ts';
import type { Endpoints } from '../../../infra/local/stack-types.ts';
import type { AdministrationSource } from '../../../infra/auditor/sources.ts';
import { ownOpenApiAssertion, type Exchange } from '../http/openapi-check.ts';
import { createTestDatabase } from '../stack/database.ts';
import { certificationCommands, certify } from './certification-commands.ts';

type RestAnswer = { status: number; body: Record<string, unknown>; etag: string | undefined };

type Bytes = { status: number; bytes: Buffer; type: string | undefined };

/** A registry of a test's own, on the real brokers, with callers under certificates of its authority. */
export type TestRegistry = {
  administration: string;
  database: Database;
  /** Connected as the caller of that name. */
  as(caller: string): GrpcClient;
  rest(caller: string, path: string, json?: unknown, more?: More): Promise<RestAnswer>;
  /** Without a certificate, by this token. */
  restByToken(token: string, path: string, json?: unknown, more?: More): Promise<RestAnswer>;
  /** A file, by a token. */
  download(token: string, path: string): Promise<Bytes>;
  /** Where it answers over HTTPS, and the folder with the certificates of its callers. */
  httpUrl: string;
  tlsFolder: string;
  /** Where an auditor reads what this registry did. */
  source: AdministrationSource;
  stop(): Promise<void>;
};

const callers = ['border-system', 'officer', 'trader'];
const { RegistryServiceClient } = registryService;

type More = Omit<Credentials, 'tls'>;

type Options = {
  /** The service's way to its database, where it is not the direct one. */
  databaseUrl?: (direct: string) => string;
  /** Whose tokens the service takes. */
  issuer?: { OIDC_ISSUER: string; OIDC_AUDIENCE: string };
  /** Called before the service starts, with its empty database. */
  prepare?: (place: { administration: string; databaseUrl: string }) => Promise<void>;
};

export async function startTestRegistry(stack: Endpoints, options: Options = {}): Promise<TestRegistry> {
  const administration = `test-${randomUUID().slice(0, 8)}`;
  const tlsFolder = mkdtempSync(join(tmpdir(), 'registry-'));
  const own = await createTestDatabase(stack.postgresUrl);
  await createCertificates(tlsFolder, ['aeo-registry', ...callers]);
  await options.prepare?.({ administration, databaseUrl: own.url });
  const quiet = () => undefined;
  const config = {
    ADMINISTRATION: administration,
    DATABASE_URL: options.databaseUrl?.(own.url) ?? own.url,
    KAFKA_BROKERS: stack.kafkaBrokers.split(','),
    GRPC_PORT: 0,
    HTTP_PORT: 0,
    TLS_DIR: tlsFolder,
    PROOF_KEY_FILE: join(tlsFolder, 'proof.pem'),
    ...options.issuer,
  };
  const running = await startService(config, { debug: quiet, info: quiet, warn: quiet, error: quiet });
  const httpUrl = `https://localhost:${running.httpPort}`;
  const hold = await ownOpenApiAssertion(running.httpPort, loadTls(tlsFolder, 'officer'));
  const clients = new Map<string, GrpcClient>();
  const connect = (caller: string) =>
    grpcClient(RegistryServiceClient, {
      address: `localhost:${running.grpcPort}`,
      tls: loadTls(tlsFolder, caller),
      defaultDeadlineMs: 10_000,
    });
  return {
    administration,
    database: own.database,
    as: (caller) => {
      const client = clients.get(caller) ?? connect(caller);
      clients.set(caller, client);
      return client;
    },
    rest: (caller, path, json, more) =>
      ask({ port: running.httpPort, hold }, { tls: loadTls(tlsFolder, caller), ...more }, path, json),
    restByToken: (token, path, json, more) =>
      ask({ port: running.httpPort, hold }, bearing(tlsFolder, token, more), path, json),
    download: async (token, path) => {
      const { status, body, headers } = await mutualTlsRequest(`${httpUrl}${path}`, {
        ...bearing(tlsFolder, token),
        ...limits,
      });
      return { status, bytes: body, type: headers['content-type'] };
    },
    httpUrl,
    tlsFolder,
    source: {
      name: administration,
      kafkaBrokers: stack.kafkaBrokers,
      registry: { databaseUrl: own.url, proofKeyFile: config.PROOF_KEY_FILE },
    },
    stop: async () => {
      for (const client of clients.values()) await client.stop();
      const { failed } = await stopAll(running.parts);
      await own.drop();
      rmSync(tlsFolder, { recursive: true });
      if (failed.length > 0) throw new Error(`did not stop: ${failed.map(({ name }) => name).join(', ')}`);
    },
  };
}

type Credentials = Pick<Parameters<typeof mutualTlsRequest>[1], 'tls' | 'headers' | 'method' | 'bytes'>;

const limits = { timeoutMs: 5_000, bytesMax: 1_000_000 };

/** Without a certificate, by a token. */
function bearing(tlsFolder: string, token: string, more: More = {}): Credentials {
  const { ca } = loadTls(tlsFolder, 'officer');
  const headers = { ...more.headers, authorization: `Bearer ${token}` };
  return { tls: { ca }, ...more, headers };
}

type RestTarget = { port: number; hold: (exchange: Exchange) => void };

/** @throws Error for an answer that is not as the service itself describes it */
async function ask(
  { port, hold }: RestTarget,
  credentials: Credentials,
  path: string,
  json?: unknown,
): Promise<RestAnswer> {
  const { status, body, headers } = await mutualTlsRequest(`https://localhost:${port}${path}`, {
    ...credentials,
    ...limits,
    ...(json === undefined ? {} : { json }),
  });
  const answer = JSON.parse(body.toString()) as RestAnswer['body'];
  const method = credentials.method ?? (json === undefined ? 'GET' : 'POST');
  hold({ method, path, status, body: answer });
  return { status, body: answer, etag: headers.etag };
}

export const identifier = { scheme: 'national-trader-id', country: 'XA', value: 'ABC123' };

export const registration = (operatorId: string, name = 'A firm') =>
  registryService.RegisterOperatorRequest.fromPartial({
    operatorId,
    name,
    identifiers: [{ identifier }],
    sizeClass: common.SizeClass.LARGE,
  });

/** The certification of an operator with these declarations and one finding. */
export function commandsFor(operatorId: string, declarations: number, applicationId = `a-${operatorId}`) {
  const counts = { declarations: BigInt(declarations), controls: BigInt(declarations), findings: 1n };
  return certificationCommands({ operatorId, name: 'A firm', identifier, applicationId, facts: counts });
}

/** A new operator with a certificate. */
export async function certified(client: GrpcClient, declarations = 30) {
  const operatorId = randomUUID();
  const certificateId = await certify(client, commandsFor(operatorId, declarations));
  return { operatorId, certificateId };
}

export const suspension = (certificate: { operatorId: string; certificateId: string }, reason = 'debt') => ({
  ...certificate,
  reason,
  effectiveFrom: undefined,
});
