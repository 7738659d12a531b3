import { sealedAudit, type DecidedOn } from '@aeo/aeo-registry';
import type { Database } from '@aeo/platform/postgres';
import type {
  ApplicationDecision,
  AuditRow,
  CertificateState,
  OperatorRow,
  RegistryState,
} from './audited-state.ts';
import { inDatabase, pages } from './read-database.ts';
import { chainOf, waitingIn, type AnchorOf } from './read-chains.ts';
import type { DatabaseSource } from './sources.ts';

/** Reads operators and their audit rows, and verifies the audit rows against their sealed heads. */
export function readRegistry(source: DatabaseSource, anchorOf: AnchorOf): Promise<RegistryState> {
  return inDatabase(source.databaseUrl, async (database) => ({
    waiting: await waitingIn(database),
    epoch: await epochIn(database),
    operators: await operatorsIn(database),
    audit: await auditIn(database),
    applications: await applicationsIn(database),
    chains: [await chainOf(database, sealedAudit, source.proofKeyFile, anchorOf)],
  }));
}

async function epochIn(database: Database): Promise<number> {
  const { rows } = await database.query<{ number: bigint }>('SELECT max(number) AS number FROM epoch');
  return Number(rows[0]?.number ?? 1n);
}

type State = {
  profile: { identifiers: { identifier: OperatorRow['identifiers'][number] }[] };
  certificates: Record<string, Omit<CertificateState, 'effectiveFrom'> & { effectiveFrom: string }>;
};

async function operatorsIn(database: Database): Promise<OperatorRow[]> {
  const operators: OperatorRow[] = [];
  const page = `SELECT operator_id, version, state FROM operator WHERE operator_id > $1 ORDER BY operator_id LIMIT $2`;
  type Row = { operator_id: string; version: bigint; state: State };
  for await (const row of pages<Row>(database, page, [''], ({ operator_id }) => [operator_id]))
    operators.push({
      operatorId: row.operator_id,
      version: Number(row.version),
      identifiers: row.state.profile.identifiers.map(({ identifier }) => identifier),
      certificates: Object.values(row.state.certificates).map(certificateOf),
    });
  return operators;
}

function certificateOf(held: State['certificates'][string]): CertificateState {
  const { certificateId, component, tier, status, effectiveFrom } = held;
  return { certificateId, component, tier, status, effectiveFrom: Date.parse(effectiveFrom) };
}

type Row = {
  id: bigint;
  operator_id: string;
  version: bigint;
  recorded_at: Date;
  type: string;
  certificate_id: string | null;
  control_id: string | null;
  effective_from: string | null;
};

async function auditIn(database: Database): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  const page = `SELECT id, operator_id, version, recorded_at, event->>'type' AS type,
      coalesce(event->>'certificateId', event->'granted'->>'certificateId') AS certificate_id,
      event->>'controlId' AS control_id, event->>'effectiveFrom' AS effective_from
    FROM audit WHERE id > $1 ORDER BY id LIMIT $2`;
  for await (const row of pages<Row>(database, page, ['0'], ({ id }) => [String(id)]))
    rows.push({
      id: Number(row.id),
      operatorId: row.operator_id,
      version: Number(row.version),
      type: row.type,
      certificateId: row.certificate_id ?? '',
      controlId: row.control_id ?? '',
      effectiveFrom: row.effective_from === null ? undefined : Date.parse(row.effective_from),
      recordedAt: row.recorded_at.getTime(),
    });
  return rows;
}

/** Decisions on applications; older ones without stored facts are left out. */
async function applicationsIn(database: Database): Promise<ApplicationDecision[]> {
  const decisions: ApplicationDecision[] = [];
  const page = `SELECT id, event->'decidedOn' AS decided_on, event->'results' AS results FROM audit
    WHERE event ? 'decidedOn' AND id > $1 ORDER BY id LIMIT $2`;
  type Decided = { id: bigint; decided_on: DecidedOn; results: unknown };
  for await (const row of pages<Decided>(database, page, ['0'], ({ id }) => [String(id)]))
    decisions.push({
      auditId: Number(row.id),
      decidedOn: row.decided_on,
      results: row.results,
    });
  return decisions;
}
