import type { Request, RequestHandler } from 'express';
import { AppError } from '../errors.ts';
import { identify, type Identity } from '../identity/identify.ts';
import { peerNameOn, type PeerSocket } from '../identity/peer-name.ts';
import type { Principal } from '../identity/principal.ts';

const principals = new WeakMap<Request, Principal>();

/** Refuses requests without a certificate of our authority or, where tokens are accepted, a valid token. */
export function identifyCaller(identity: Identity): RequestHandler {
  return async (request, _response, next) => {
    const credentials = { certificate: peerName(request), authorization: request.get('authorization') };
    principals.set(request, await identify(credentials, identity));
    next();
  };
}

/** @throws AppError `denied` NOT_ALLOWED for a request whose caller was not identified */
export function principalOf(request: Request): Principal {
  const principal = principals.get(request);
  if (principal === undefined) throw new AppError('denied', 'NOT_ALLOWED', 'this caller is not known');
  return principal;
}

/** The common name of the caller's certificate; empty on a connection without one of our authority. */
export function peerName(request: Request): string {
  return peerNameOn(request.socket as PeerSocket);
}
