import { request as httpsRequest, type RequestOptions } from 'node:https';
import { checkServerIdentity } from 'node:tls';
import { AppError, toAppError } from '../errors.ts';
import type { TlsFiles } from '../grpc.ts';

export type HttpAnswer = { status: number; body: Buffer };

export type RequestSettings = {
  tls: TlsFiles;
  timeoutMs: number;
  bytesMax: number;
  json?: unknown;
  /** Who must answer, by the common name of the certificate. Absent: whoever our authority knows under the host name. */
  peer?: string;
};

/**
 * One HTTPS request with a certificate of our own. With `json` it is a POST.
 *
 * @throws AppError `unavailable` without an answer in time, `invalid` BODY_TOO_LARGE for an answer over the limit,
 * `denied` PEER_NOT_REGISTERED where somebody else than `peer` answers
 */
export function mutualTlsRequest(url: string, settings: RequestSettings): Promise<HttpAnswer> {
  const { tls, timeoutMs, bytesMax, json, peer } = settings;
  const body = json === undefined ? undefined : JSON.stringify(json);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      const known = toAppError(error);
      // Whatever goes wrong on the way to another administration is for now, not for ever.
      reject(known.code === 'internal' ? unavailable(known) : known);
    };
    const options = {
      ca: tls.ca,
      cert: tls.cert,
      key: tls.key,
      signal: AbortSignal.timeout(timeoutMs),
      ...(peer === undefined ? {} : answeredBy(peer)),
      ...(body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' } }),
    };
    const asking = httpsRequest(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > bytesMax)
          response.destroy(new AppError('invalid', 'BODY_TOO_LARGE', `more than ${bytesMax} bytes`));
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      response.once('error', fail);
    });
    asking.once('error', fail);
    asking.end(body);
  });
}

/** The host name proves little where one machine, or one authority, serves many: the certificate must be the peer's. */
function answeredBy(peer: string): RequestOptions {
  return {
    // A connection kept or resumed from another request was not asked for this name.
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
