import type { Database } from '@aeo/platform/postgres';
import type { Recorded } from '../domain/history.ts';
import { completeApplication } from '../domain/application.ts';
import { completeOperator, type Operator } from '../domain/operator.ts';
import type { ListedApplication, ListedCertificate, Ports } from '../ports.ts';

export const readOperator = 'SELECT version, state FROM operator WHERE operator_id = $1';

const certificates = {
  name: 'certificate-list',
  text: `SELECT operator_id AS "operatorId", state->'profile'->>'sizeClass' AS "sizeClass", held.value AS certificate
         FROM operator, jsonb_each(state->'certificates') AS held
         WHERE held.key > $1 ORDER BY held.key LIMIT $2`,
};
const applications = {
  name: 'application-list',
  text: `SELECT operator_id AS "operatorId", held.key AS "applicationId", held.value AS application
         FROM operator, jsonb_each(state->'applications') AS held
         WHERE (operator_id, held.key) > ($1, $2) AND operator_id = coalesce($3, operator_id)
           AND held.value->>'programmeId' = coalesce($4, held.value->>'programmeId')
           AND held.value->>'status' = coalesce($5, held.value->>'status')
         ORDER BY operator_id, held.key LIMIT $6`,
};
const holder = {
  name: 'certificate-holder',
  text: `SELECT operator_id AS "operatorId" FROM audit
         WHERE event->>'type' = 'CertificateGranted' AND event->'granted'->>'certificateId' = $1 LIMIT 1`,
};
const recorded = {
  name: 'operator-recorded',
  text: `SELECT recorded_at AS "recordedAt", actor, event FROM audit
         WHERE operator_id = $1 AND date_trunc('milliseconds', recorded_at) <= $2 ORDER BY id`,
};

export type OperatorReading = Pick<
  Ports,
  'findOperator' | 'listCertificates' | 'listApplications' | 'holderOf' | 'recordedOf' | 'databaseNow'
>;

/** What is asked of the registry's records without changing them. */
export function operatorReading(database: Pick<Database, 'query'>): OperatorReading {
  return {
    findOperator: async (operatorId) => {
      const { rows } = await database.query<{ version: bigint; state: Operator }>(
        { name: 'operator-read', text: readOperator },
        [operatorId],
      );
      const [row] = rows;
      return row && { operatorId, version: row.version, state: completeOperator(row.state) };
    },
    listCertificates: async (after, limit) => {
      const { rows } = await database.query<ListedCertificate>(certificates, [after, limit]);
      return rows;
    },
    listApplications: async ({ operatorId, programmeId, status }, after, limit) => {
      const filter = [operatorId ?? null, programmeId ?? null, status ?? null];
      const values = [after.operatorId, after.applicationId, ...filter, limit];
      const { rows } = await database.query<ListedApplication>(applications, values);
      return rows.map((row) => ({ ...row, application: completeApplication(row.application) }));
    },
    holderOf: async (certificateId) => {
      const { rows } = await database.query<{ operatorId: string }>(holder, [certificateId]);
      return rows[0]?.operatorId;
    },
    recordedOf: async (operatorId, knownAt) => {
      const { rows } = await database.query<Omit<Recorded, 'recordedAt'> & { recordedAt: Date }>(recorded, [
        ...[operatorId, knownAt],
      ]);
      return rows.map((row) => ({ ...row, recordedAt: row.recordedAt.toISOString() }));
    },
    databaseNow: async () => {
      const { rows } = await database.query<{ now: Date }>({
        name: 'now',
        text: 'SELECT clock_timestamp() AS now',
      });
      return rows[0]?.now ?? new Date(Number.NaN);
    },
  };
}
