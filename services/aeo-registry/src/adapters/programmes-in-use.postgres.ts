import { AppError } from '@aeo/platform/errors';
import type { Database } from '@aeo/platform/postgres';
import { changedVersions, type UsedVersion, type Programmes } from '@aeo/programmes';

const used = `
  SELECT event->>'programmeId' AS "programmeId", (event->>'programmeVersion')::int AS version,
    event->>'programmeHash' AS hash, min(recorded_at)::date::text AS since
  FROM audit WHERE event->>'type' = 'ApplicationSubmitted' AND event->>'programmeHash' IS NOT NULL
  GROUP BY event->>'programmeId', event->>'programmeVersion', event->>'programmeHash'`;

/**
 * A version with submitted applications never changes: its decisions are replayed from it years later.
 *
 * @throws AppError `invalid` SETTINGS with each version that was changed, and what to do
 */
export async function requireUnchangedProgrammes(
  database: Pick<Database, 'query'>,
  { version: versionOf }: Pick<Programmes, 'version'>,
): Promise<void> {
  const { rows } = await database.query<UsedVersion>({ name: 'programmes-in-use', text: used });
  const changed = changedVersions(rows, versionOf);
  if (changed.length === 0) return;
  const named = changed.map(
    ({ programmeId, version, since, hash }) =>
      `version ${version} of ${programmeId} (in use since ${since}, SHA-256 ${hash.slice(0, 16)}…)`,
  );
  throw new AppError(
    'invalid',
    'SETTINGS',
    `programmes/: ${named.join(', ')} was changed or taken away although applications were submitted under it. Restore the programme file. A change needs a new version: copy the file, raise version, set supersedes and effectiveFrom.`,
  );
}
