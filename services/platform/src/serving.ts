import { AppError } from './errors.ts';
import { failureFields, logFailures } from './failures.ts';
import { loadTls, serveGrpc, type GrpcServer, type GrpcService } from './grpc.ts';
import { httpApp, serveHttp, type Routes } from './http.ts';
import type { Stoppable } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { startPeriodic } from './periodic.ts';
import type { Identity } from './identity/identify.ts';
import type { CertificateRoles } from './identity/principal.ts';
import { tokenVerifier } from './identity/token.ts';

export type ServingSettings = {
  service: string;
  config: {
    LISTEN_HOST?: string | undefined;
    GRPC_PORT: number;
    HTTP_PORT: number;
    TLS_DIR: string;
  } & Issuer;
  /** The roles of the holders of certificates, by the certificates' names. */
  certificateRoles?: CertificateRoles;
  services: readonly GrpcService[];
  /** Where the contracts lie, for reflection. */
  protoFolder: string;
  routes: Routes;
  openApi?: object;
  /** Why the service is not ready; empty when it is. */
  unready: () => string[];
  logger: Logger;
};

/** Serves gRPC, and over HTTPS the routes, liveness, readiness and metrics, under one certificate. */
export async function serveAll(
  settings: ServingSettings,
): Promise<{ grpcPort: number; httpPort: number; parts: Stoppable[] }> {
  const { config, services, protoFolder, routes, openApi, unready, logger } = settings;
  logFailures(logger);
  const tls = loadTls(config.TLS_DIR, settings.service);
  const host = config.LISTEN_HOST;
  const identity = identityOf(config, settings.certificateRoles);
  const grpc = await serveGrpc({ host, port: config.GRPC_PORT, tls, services, protoFolder, identity });
  const app = httpApp({
    routes,
    unready,
    logger,
    identity,
    ...(openApi === undefined ? {} : { openApi }),
  });
  const http = await serveHttp(app, { host, port: config.HTTP_PORT, tls, certificateOptional: true });
  const health = followReadiness(grpc, unready, logger);
  return { grpcPort: grpc.port, httpPort: http.port, parts: [health, grpc, http] };
}

type Issuer = { OIDC_ISSUER?: string | undefined; OIDC_AUDIENCE?: string | undefined };

/**
 * How callers are known: by certificates, and by tokens where an issuer is set.
 *
 * @throws AppError `invalid` SETTINGS for an issuer without an audience, or the reverse
 */
export function identityOf(
  { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience }: Issuer,
  certificateRoles: CertificateRoles = {},
): Identity {
  if (issuer === undefined && audience === undefined) return { certificateRoles };
  if (issuer !== undefined && audience !== undefined)
    return { certificateRoles, verifyToken: tokenVerifier({ issuer, audience }) };
  throw new AppError('invalid', 'SETTINGS', 'OIDC_ISSUER and OIDC_AUDIENCE are set together or not at all');
}

const healthEveryMs = 250;

/** gRPC's health check follows readiness over HTTP; after the stop it is NOT_SERVING. */
function followReadiness(grpc: GrpcServer, unready: () => string[], logger: Logger): Stoppable {
  const following = startPeriodic({
    name: 'grpc health',
    everyMs: healthEveryMs,
    firstMs: 0,
    retryMaxMs: healthEveryMs,
    round: () => Promise.resolve(grpc.setServing(unready().length === 0)),
    onError: (error) => logger.error('readiness cannot be determined', failureFields(error)),
  });
  return {
    name: following.name,
    stop: async () => {
      await following.stop();
      grpc.setServing(false);
    },
  };
}
