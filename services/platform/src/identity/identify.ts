import { AppError } from '../errors.ts';
import { certificatePrincipal, type CertificateRoles, type Principal } from './principal.ts';
import type { VerifyToken } from './token.ts';

/** How an edge identifies its callers. */
export type Identity = {
  certificateRoles?: CertificateRoles | undefined;
  /** Absent: no token is accepted. */
  verifyToken?: VerifyToken | undefined;
};

/** The credentials of a call. */
export type Credentials = {
  /** The common name of a certificate of our authority, or the empty text. */
  certificate: string;
  /** The header or metadata `authorization`. */
  authorization: string | undefined;
};

/**
 * Identifies the caller. A token, where there is one, identifies it whatever certificate the connection has: a portal
 * that forwards an applicant's token must not lend it the portal's own rights.
 *
 * @throws AppError `denied` NOT_ALLOWED for a caller without credentials, TOKEN_INVALID or TOKEN_EXPIRED for a token
 * that is not valid, `unavailable` where it cannot be verified
 */
export async function identify(
  { certificate, authorization }: Credentials,
  { certificateRoles, verifyToken }: Identity,
): Promise<Principal> {
  if (authorization !== undefined) {
    const [, token] = /^bearer +([^\s]+)$/i.exec(authorization) ?? [];
    if (token === undefined) throw new AppError('denied', 'TOKEN_INVALID', 'a bearer token is needed');
    if (verifyToken === undefined)
      throw new AppError('denied', 'TOKEN_INVALID', 'tokens are not accepted here');
    return verifyToken(token);
  }
  if (certificate !== '') return certificatePrincipal(certificate, certificateRoles);
  const needed = verifyToken === undefined ? 'a certificate' : 'a token, or a certificate';
  throw new AppError('denied', 'NOT_ALLOWED', `${needed} of this authority is needed`);
}
