import { logFaults } from './faults.ts';
import { loadTls, serveGrpc, type GrpcServer, type GrpcService } from './grpc.ts';
import { httpApp, serveHttp, type Routes } from './http.ts';
import type { Stoppable } from './lifecycle.ts';
import type { Logger } from './logger.ts';

export type ServingSettings = {
  service: string;
  config: { LISTEN_HOST?: string | undefined; GRPC_PORT: number; HTTP_PORT: number; TLS_DIR: string };
  services: readonly GrpcService[];
  /** Where the contracts lie, for reflection. */
  protoFolder: string;
  routes: Routes;
  openApi?: object;
  /** What keeps the service from being ready; empty when nothing does. */
  unready: () => string[];
  logger: Logger;
};

/** Serves gRPC, and over HTTPS the routes, liveness, readiness and metrics, under one certificate. */
export async function serveAll(
  settings: ServingSettings,
): Promise<{ grpcPort: number; httpPort: number; parts: Stoppable[] }> {
  const { config, services, protoFolder, routes, openApi, unready, logger } = settings;
  logFaults(logger);
  const tls = loadTls(config.TLS_DIR, settings.service);
  const host = config.LISTEN_HOST;
  const grpc = await serveGrpc({ host, port: config.GRPC_PORT, tls, services, protoFolder });
  const app = httpApp({
    ...{ routes, unready, logger, callersOnly: true },
    ...(openApi === undefined ? {} : { openApi }),
  });
  const http = await serveHttp(app, { host, port: config.HTTP_PORT, tls, strangers: true });
  const health = followReadiness(grpc, unready);
  return { grpcPort: grpc.port, httpPort: http.port, parts: [health, grpc, http] };
}

const healthEveryMs = 250;

/** Says over gRPC's health service what readiness says over HTTP; a stop says first that no more calls are wanted. */
function followReadiness(grpc: GrpcServer, unready: () => string[]): Stoppable {
  const follow = () => grpc.setServing(unready().length === 0);
  follow();
  const timer = setInterval(follow, healthEveryMs);
  return {
    name: 'grpc health',
    stop: () => {
      clearInterval(timer);
      grpc.setServing(false);
      return Promise.resolve();
    },
  };
}
