import { AppError } from './errors.ts';

/**
 * Compares the version that a caller last saw with the present one (RFC 9110, 13.1.1): a weak tag matches nothing, `*`
 * matches every version.
 *
 * @param ifMatch the header If-Match as it was received
 * @param etag the tag of the present version, without its quotes
 * @throws AppError `conflict` PRECONDITION_FAILED for another version, `invalid` PRECONDITION_REQUIRED without any
 */
export function requireMatch(ifMatch: string | undefined, etag: string): void {
  if (ifMatch === undefined) throw preconditionRequired();
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (tags.includes('*') || tags.includes(`"${etag}"`)) return;
  throw new AppError('conflict', 'PRECONDITION_FAILED', 'it was changed since it was read');
}

/** The error for a change that does not name the version it changes. */
export function preconditionRequired(): AppError {
  const fields = [{ path: 'if-match', code: 'PRECONDITION_REQUIRED' }];
  return new AppError('invalid', 'PRECONDITION_REQUIRED', 'the header If-Match is needed', { fields });
}
