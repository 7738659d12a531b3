import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { checkServerIdentity } from 'node:tls';
import { AppError, toAppError } from '../errors.ts';
import type { TlsFiles } from '../grpc.ts';

export type HttpAnswer = { status: number; body: Buffer; headers: IncomingHttpHeaders };

export type RequestSettings = {
  /** Without certificate and key, the other side cannot identify the caller by its connection. */
  tls: Pick<TlsFiles, 'ca'> & Partial<TlsFiles>;
  timeoutMs: number;
  bytesMax: number;
  json?: unknown;
  /** Sent as they are, instead of JSON. */
  bytes?: { content: Uint8Array; type: string };
  /** GET unless given, or POST with a body. */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  /** Who must answer, by the common name of the certificate. Absent: any holder of a certificate for the host name. */
  peer?: string;
};

/**
 * Sends one HTTPS request with a certificate of our own. With a body it is a POST unless `method` is set.
 *
 * @throws AppError `unavailable` without an answer in time, `invalid` BODY_TOO_LARGE for an answer over the limit,
 * `denied` PEER_NOT_REGISTERED where another peer answers
 */
export function mutualTlsRequest(url: string, settings: RequestSettings): Promise<HttpAnswer> {
  const { tls, timeoutMs, bytesMax, peer } = settings;
  const body = bodyOf(settings);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      const known = toAppError(error);
      // Any failure on the way to another administration may end.
      reject(known.code === 'internal' ? unavailable(known) : known);
    };
    const options = {
      ca: tls.ca,
      cert: tls.cert,
      key: tls.key,
      signal: AbortSignal.timeout(timeoutMs),
      ...(peer === undefined ? {} : requirePeer(peer)),
      method: settings.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(body && { 'content-type': body.type }), ...settings.headers },
    };
    const request = httpsRequest(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > bytesMax)
          response.destroy(new AppError('invalid', 'BODY_TOO_LARGE', `more than ${bytesMax} bytes`));
      });
      response.once('end', () => resolve({ ...answered(response), body: Buffer.concat(chunks) }));
      response.once('error', fail);
    });
    request.once('error', fail);
    request.end(body?.content);
  });
}

function bodyOf({ json, bytes }: Pick<RequestSettings, 'json' | 'bytes'>) {
  if (bytes !== undefined) return bytes;
  return json === undefined ? undefined : { content: JSON.stringify(json), type: 'application/json' };
}

function answered({ statusCode, headers }: IncomingMessage): Omit<HttpAnswer, 'body'> {
  return { status: statusCode ?? 0, headers };
}

/** The host name is no proof where one machine, or one authority, serves many: the certificate must be the peer's. */
function requirePeer(peer: string): RequestOptions {
  return {
    // A connection reused from another request was not checked for this name.
    agent: false,
    checkServerIdentity: (host, certificate) => {
      const problem = checkServerIdentity(host, certificate);
      if (problem !== undefined || certificate.subject.CN === peer) return problem;
      return new AppError('denied', 'PEER_NOT_REGISTERED', 'another peer answers at this address');
    },
  };
}

function unavailable(cause: AppError): AppError {
  return new AppError('unavailable', 'UNAVAILABLE', cause.message, { cause });
}
