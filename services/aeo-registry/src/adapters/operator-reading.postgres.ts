import type { Database } from '@aeo/platform/postgres';
import type { Recorded } from '../domain/operator/history.ts';
import { completeApplication } from '../domain/application/application.ts';
import { completeCertificate } from '../domain/certificate/certificate.ts';
import { completeOperator, type Operator } from '../domain/operator/operator.ts';
import type {
  CertificatePosition,
  ApplicationFilter,
  ListedApplication,
  ListedCertificate,
  Ports,
} from '../ports.ts';

export const readOperator = 'SELECT version, state FROM operator WHERE operator_id = $1';

const listed = `SELECT operator_id AS "operatorId", state->'profile'->>'sizeClass' AS "sizeClass",
    state->'certificates'->certificate_id AS certificate
  FROM certificate_listed JOIN operator USING (operator_id)
  WHERE (certificate_id, operator_id) > ($1, $2)`;
const inOrder = 'ORDER BY certificate_id, operator_id LIMIT $3';
const certificates = { name: 'certificate-list', text: `${listed} ${inOrder}` };
const reviews = { name: 'certificate-reviews', text: `${listed} AND to_review ${inOrder}` };
const holder = {
  name: 'certificate-holder',
  text: `SELECT operator_id AS "operatorId" FROM certificate_listed WHERE certificate_id = $1
         ORDER BY operator_id LIMIT 1`,
};
const recorded = {
  name: 'operator-recorded',
  text: `SELECT recorded_at AS "recordedAt", actor, event FROM audit
         WHERE operator_id = $1 AND date_trunc('milliseconds', recorded_at) <= $2 ORDER BY id`,
};

export type OperatorReading = Pick<
  Ports,
  | ('findOperator' | 'listCertificates' | 'listReviews' | 'listApplications')
  | ('holderOf' | 'recordedOf' | 'databaseNow')
>;

/** The queries on the registry's records. */
export function operatorReading(database: Pick<Database, 'query'>): OperatorReading {
  const listOf = async (statement: typeof certificates, after: CertificatePosition, limit: number) => {
    const values = [after.certificateId, after.operatorId, limit];
    const { rows } = await database.query<ListedCertificate>(statement, values);
    return rows.map((row) => ({ ...row, certificate: completeCertificate(row.certificate) }));
  };
  return {
    findOperator: async (operatorId) => {
      const { rows } = await database.query<{ version: bigint; state: Operator }>(
        { name: 'operator-read', text: readOperator },
        [operatorId],
      );
      const [row] = rows;
      return row && { operatorId, version: row.version, state: completeOperator(row.state) };
    },
    listCertificates: (after, limit) => listOf(certificates, after, limit),
    listReviews: (after, limit) => listOf(reviews, after, limit),
    listApplications: async (filter, after, limit) => {
      const { name, text, given } = applicationsBy(filter);
      const values = [after.operatorId, after.applicationId, limit, ...given];
      const { rows } = await database.query<ListedApplication>({ name, text }, values);
      return rows.map((row) => ({ ...row, application: completeApplication(row.application) }));
    },
    holderOf: async (certificateId) => {
      const { rows } = await database.query<{ operatorId: string }>(holder, [certificateId]);
      return rows[0]?.operatorId;
    },
    recordedOf: async (operatorId, knownAt) => {
      const { rows } = await database.query<Omit<Recorded, 'recordedAt'> & { recordedAt: Date }>(recorded, [
        operatorId,
        knownAt,
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

const conditionOn = {
  operatorId: 'AND operator_id =',
  programmeId: 'AND programme_id =',
  status: 'AND status =',
} as const;

/** A statement for each set of filters, so that each uses an index of its own. */
function applicationsBy(filter: ApplicationFilter): { name: string; text: string; given: string[] } {
  const names = Object.keys(conditionOn) as (keyof typeof conditionOn)[];
  const filtered = names.flatMap((name) =>
    filter[name] === undefined ? [] : [[name, filter[name]] as const],
  );
  const conditions = filtered.map(([name], index) => `${conditionOn[name]} $${index + 4}`);
  return {
    name: ['application-list', ...filtered.map(([name]) => name)].join('-'),
    text: `SELECT operator_id AS "operatorId", application_id AS "applicationId",
             state->'applications'->application_id AS application
           FROM application_listed JOIN operator USING (operator_id)
           WHERE (operator_id, application_id) > ($1, $2) ${conditions.join(' ')}
           ORDER BY operator_id, application_id LIMIT $3`,
    given: filtered.map(([, value]) => value),
  };
}
