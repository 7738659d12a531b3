import { AppError } from '@aeo/platform/errors';

/** A declaration version names one content, for goods or as a probe: `path` says in what this one differs. */
export function keyReused(path: 'declaration' | 'probe'): AppError {
  return new AppError('conflict', 'KEY_REUSED', 'this declaration version was decided as something else', {
    fields: [{ path, code: 'KEY_REUSED' }],
  });
}
