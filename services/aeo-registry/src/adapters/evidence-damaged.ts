import { AppError } from '@aeo/platform/errors';

/** A stored file that is not what was stored: somebody has to look at it, and nobody may decide by it. */
export function damaged(sha256: string): AppError {
  return new AppError(
    'internal',
    'EVIDENCE_DAMAGED',
    `the evidence ${sha256} has other bytes than were stored`,
  );
}
