import { AppError } from './errors.ts';

/**
 * Lets pass who is on the list; without a list, everybody.
 *
 * @throws AppError `denied` NOT_ALLOWED
 */
export function requireCaller(peer: string, callers: readonly string[] | undefined): void {
  if (callers === undefined || callers.includes(peer)) return;
  throw new AppError('denied', 'NOT_ALLOWED', 'this caller may not do this');
}
