import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Identity } from '../identity/identify.ts';
import type { Stoppable } from '../lifecycle.ts';
import { listenError } from '../listen-error.ts';
import type { GrpcService } from './service.ts';
import { addReflection } from './reflection.ts';
import type { TlsFiles } from './tls.ts';

export type GrpcServerSettings = {
  /** Absent: this machine alone. */
  host?: string | undefined;
  /** 0 takes a free port. */
  port: number;
  /** With it, callers without a certificate of the same authority are refused. */
  tls?: TlsFiles;
  services: readonly GrpcService[];
  /** How callers are identified beyond the names of their certificates. */
  identity?: Identity;
  /** The folder of the contracts; with it, the server offers reflection. */
  protoFolder?: string;
};

export type GrpcServer = Stoppable & { port: number; setServing(serving: boolean): void };

const messageBytesMax = 1_048_576;
const drainMs = 3_000;

/**
 * Serves until stopped; a stop accepts no new calls and gives calls under way three seconds.
 *
 * @throws Error when the port cannot be used
 */
export async function serveGrpc(settings: GrpcServerSettings): Promise<GrpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_concurrent_streams': 1_000,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 5_000,
  });
  for (const { definition, implementation } of settings.services)
    server.addService(definition, implementation(settings.identity ?? {}));
  const health = new HealthImplementation({ '': 'SERVING' });
  health.addToServer(server);
  if (settings.protoFolder !== undefined) addReflection(server, settings.protoFolder);
  const host = settings.host ?? '127.0.0.1';
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${settings.port}`, credentialsOf(settings.tls), (error, bound) =>
      error ? reject(listenError('GRPC_PORT', host, settings.port, error)) : resolve(bound),
    );
  });
  return {
    name: 'grpc server',
    port,
    setServing: (serving) => health.setStatus('', serving ? 'SERVING' : 'NOT_SERVING'),
    stop: () => {
      health.setStatus('', 'NOT_SERVING');
      for (const service of settings.services) service.drain();
      return drain(server);
    },
  };
}

function credentialsOf(tls: TlsFiles | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(tls.ca, [{ private_key: tls.key, cert_chain: tls.cert }], true);
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, drainMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
