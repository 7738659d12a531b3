import { AppError } from '@aeo/platform/errors';

/** The error for a stored file whose bytes have changed: an operator of the service has to restore it. */
export function evidenceDamaged(sha256: string): AppError {
  return new AppError(
    'internal',
    'EVIDENCE_DAMAGED',
    `the evidence ${sha256} has other bytes than were stored`,
  );
}
