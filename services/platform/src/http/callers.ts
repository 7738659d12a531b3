import type { TLSSocket } from 'node:tls';
import type { Request, RequestHandler } from 'express';
import { AppError } from '../errors.ts';
import { identify, type Identity } from '../identity/identify.ts';
import type { Principal } from '../identity/principal.ts';

const principals = new WeakMap<Request, Principal>();

/** Lets pass who came with a certificate of our authority, or with a good token where tokens are taken. */
export function identified(identity: Identity): RequestHandler {
  return async (request, _response, next) => {
    const credentials = { certificate: peerName(request), authorization: request.get('authorization') };
    principals.set(request, await identify(credentials, identity));
    next();
  };
}

/** @throws AppError `denied` NOT_ALLOWED for a request that nobody identified */
export function principalOf(request: Request): Principal {
  const principal = principals.get(request);
  if (principal === undefined) throw new AppError('denied', 'NOT_ALLOWED', 'this caller is not known');
  return principal;
}

/** The common name of the caller's certificate; empty on a connection without one of our authority. */
export function peerName(request: Request): string {
  const socket = request.socket as Partial<TLSSocket>;
  if (socket.authorized !== true) return '';
  const name = socket.getPeerCertificate?.().subject?.CN;
  return typeof name === 'string' ? name : '';
}
