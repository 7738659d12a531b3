import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { TlsFiles } from '../grpc.ts';
import type { Stoppable } from '../lifecycle.ts';
import { listenError } from '../listen-error.ts';

export type HttpServerSettings = {
  /** Absent: this machine alone. */
  host?: string | undefined;
  /** 0 takes a free port. */
  port: number;
  /** With it, HTTPS; callers without a certificate of the same authority are refused. */
  tls?: TlsFiles;
  /** With it, callers without a certificate may connect; routes must require one. */
  certificateOptional?: boolean;
};

const drainMs = 3_000;

/**
 * Serves until stopped; a stop gives requests under way three seconds.
 *
 * @throws Error when the port cannot be used
 */
export async function serveHttp(
  app: Express,
  settings: HttpServerSettings,
): Promise<Stoppable & { port: number }> {
  const { tls } = settings;
  const server = tls
    ? createTlsServer(
        {
          ca: tls.ca,
          cert: tls.cert,
          key: tls.key,
          requestCert: true,
          rejectUnauthorized: settings.certificateOptional !== true,
        },
        app,
      )
    : createServer(app);
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    const host = settings.host ?? '127.0.0.1';
    server.once('error', (error) => reject(listenError('HTTP_PORT', host, settings.port, error)));
    server.listen(settings.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { name: 'http server', port, stop: () => drain(server) };
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
