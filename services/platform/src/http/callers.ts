import type { TLSSocket } from 'node:tls';
import type { RequestHandler } from 'express';
import { AppError } from '../errors.ts';

/** Lets pass who came with a certificate of our authority. */
export const knownCallers: RequestHandler = (request, _response, next) => {
  const { authorized } = request.socket as Partial<TLSSocket>;
  if (authorized === true) next();
  else next(new AppError('denied', 'NOT_ALLOWED', 'a certificate of this authority is needed'));
};
