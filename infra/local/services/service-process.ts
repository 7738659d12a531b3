import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Child } from '../processes/child-process.ts';
import { createDatabase } from './databases.ts';
import { choosePort, freePort, withPorts } from '../processes/ports.ts';
import { listening, startReady } from '../processes/readiness.ts';
import type { Stack } from '../stack-types.ts';

/** The addresses of a service and of its database, wherever it runs. */
export type ServiceAccess = {
  /** gRPC, host:port. */
  address: string;
  /** REST, liveness, readiness and metrics, host:port. */
  httpAddress: string;
  databaseUrl: string;
  /** The key under which it seals its records. */
  proofKeyFile: string;
};

export type ServiceProcess = ServiceAccess & Restartable;

/** A process, and how it is restarted with the same ports and settings. */
export type Restartable = { child: Child; relaunch: () => Promise<Child> };

type Settings = Record<string, string>;

export type ServiceOptions = {
  administration: string;
  service: string;
  tlsDirectory: string;
  /** Settings of this service besides those of every service. */
  settings?: Settings;
  /** Whether environment variables may name its ports, such as `AEO_REGISTRY_GRPC_PORT` and `…_HTTP_PORT`. */
  settablePorts?: boolean;
};

/** Starts one service of an administration as a process of its own and waits until it answers. */
export function startService(stack: Stack, options: ServiceOptions): Promise<ServiceProcess> {
  const name = options.service.replaceAll('-', '_').toUpperCase();
  const choose = (kind: string) => (options.settablePorts ? choosePort(`${name}_${kind}_PORT`) : freePort());
  return withPorts(async () => startServiceOn(await choose('GRPC'), await choose('HTTP'), stack, options));
}

async function startServiceOn(
  port: number,
  httpPort: number,
  stack: Stack,
  options: ServiceOptions,
): Promise<ServiceProcess> {
  const { administration, service } = options;
  const { env, databaseUrl } = await settingsOf(stack, options, port);
  const script = join(process.cwd(), 'services', service, 'src/main.ts');
  const settings = { HTTP_PORT: String(httpPort), ...env };
  const relaunch = () => launch(stack, `${administration}-${service}`, script, settings, [port, httpPort]);
  const child = await relaunch();
  const addresses = { address: `localhost:${port}`, httpAddress: `localhost:${httpPort}` };
  const keyFile = proofKeyFile(stack, administration, service);
  return { ...addresses, databaseUrl, proofKeyFile: keyFile, child, relaunch };
}

export type OneProcessOptions = {
  administration: string;
  tlsDirectory: string;
  /** In the order in which they are started; later ones may need the addresses of earlier ones. */
  services: [service: string, settings: (addressOf: (service: string) => string) => Settings][];
};

/** By service: its gRPC address and its database. */
export type ServicesInOneProcess = Restartable & {
  services: Record<string, Pick<ServiceAccess, 'address' | 'databaseUrl' | 'proofKeyFile'>>;
};

/** Starts several services of an administration in one process and waits until all answer. */
export function startServicesInOneProcess(
  stack: Stack,
  options: OneProcessOptions,
): Promise<ServicesInOneProcess> {
  return withPorts(() => startInOneProcessOn(stack, options));
}

async function startInOneProcessOn(
  stack: Stack,
  { administration, tlsDirectory, services }: OneProcessOptions,
): Promise<ServicesInOneProcess> {
  const ports = new Map<string, number>();
  for (const [service] of services) ports.set(service, await freePort());
  const addressOf = (service: string) => `localhost:${ports.get(service) ?? 0}`;
  const all: Record<string, Settings> = {};
  const started: ServicesInOneProcess['services'] = {};
  for (const [service, settings] of services) {
    const options = { administration, service, tlsDirectory, settings: settings(addressOf) };
    const { env, databaseUrl } = await settingsOf(stack, options, ports.get(service) ?? 0);
    all[service] = env;
    const keyFile = proofKeyFile(stack, administration, service);
    started[service] = { address: addressOf(service), databaseUrl, proofKeyFile: keyFile };
  }
  const script = fileURLToPath(new URL('one-process-main.ts', import.meta.url));
  const env = { SERVICES: JSON.stringify(all) };
  const relaunch = () => launch(stack, administration, script, env, [...ports.values()]);
  return { services: started, child: await relaunch(), relaunch };
}

/** The key with which a service seals its records; it is kept with the data. */
export function proofKeyFile({ folders }: Stack, administration: string, service: string): string {
  return join(folders.data, `${administration}-${service}-proof.pem`);
}

/** The settings of every service, with a database of its own. */
async function settingsOf(
  stack: Stack,
  { administration, service, tlsDirectory, settings }: ServiceOptions,
  port: number,
): Promise<{ env: Settings; databaseUrl: string }> {
  const databaseUrl = await createDatabase(stack.postgresUrl, administration, service);
  const env = {
    ADMINISTRATION: administration,
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: stack.kafkaBrokers,
    GRPC_PORT: String(port),
    TLS_DIR: tlsDirectory,
    PROOF_KEY_FILE: proofKeyFile(stack, administration, service),
    ...settings,
  };
  return { env, databaseUrl };
}

const telemetry = fileURLToPath(import.meta.resolve('@aeo/platform/telemetry'));
/** Generous for a busy machine; a service that fails ends and is reported at once. */
const startBoundMs = 120_000;

function launch(stack: Stack, name: string, script: string, env: Settings, ports: number[]): Promise<Child> {
  const options = {
    name,
    command: process.execPath,
    args: ['--import', telemetry, script],
    env: { OTEL_SERVICE_NAME: name, ...env },
    logFile: join(stack.folders.logs, `${name}.log`),
    pidFolder: stack.folders.run,
  };
  const patience = { boundMs: startBoundMs, shutdown: stack.shutdown };
  return startReady(options, listening(...ports), patience);
}
