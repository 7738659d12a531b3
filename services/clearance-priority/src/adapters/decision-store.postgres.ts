import type { Database } from '@aeo/platform/postgres';
import { type clearanceDecision, type common, declaration } from '@aeo/proto';
import { consignmentKey } from '../domain/decision/draw.ts';
import { recordedFrom } from '../domain/decision/recorded.ts';
import type { DecisionStore, Known, ProvisionalRow, Request } from '../ports.ts';
import { countBenefits } from './benefits.postgres.ts';
import { recordControl } from './control.postgres.ts';
import { recordDecisions, type RecordSettings } from './record-decisions.postgres.ts';
import { concernedStatement, degradedStatement, lookUpStatement } from './statements.ts';

/** Decisions in Postgres. Every look-up and every record also shows the database's time to the clock. */
export function postgresDecisionStore(settings: RecordSettings): DecisionStore {
  const { database } = settings;
  return {
    lookUp: (requests) => lookUp(settings, requests),
    record: (candidates) => recordDecisions(settings, candidates),
    find: async (declarationId, version, revision) => {
      const { rows } = await database.query<{ record: Buffer; decided_at: Date }>(
        `SELECT record, decided_at FROM ledger
         WHERE declaration_id = $1 AND ($2 = 0 OR version = $2) AND ($3 = 0 OR revision = $3)
         ORDER BY version DESC, revision DESC LIMIT 1`,
        [declarationId, version, revision],
      );
      return rows[0] && recordedFrom(rows[0].record, rows[0].decided_at);
    },
    concerned: (changes, after, limit) =>
      openRows(database, concernedStatement, [
        changes.map(({ operatorId }) => operatorId),
        changes.map(({ decidedBefore }) => decidedBefore),
        after?.declarationId ?? '',
        after?.version ?? 0,
        limit,
      ]),
    degraded: (before, after, limit) =>
      openRows(database, degradedStatement, [before, after?.declarationId ?? '', after?.version ?? 0, limit]),
    recordControl: (control) => recordControl(database, settings.outboxRow, control),
    countBenefits: (by, days, page) => countBenefits(database, by, days, page),
  };
}

type KnownRow = {
  ordinal: number;
  at: Date;
  content_hash: Buffer | null;
  probe: boolean | null;
  revision_max: number | null;
  passed: boolean;
  controlled: boolean;
  record: Buffer | null;
  decided_at: Date | null;
  consignment_key: string | null;
  day: string;
  key_id: string;
  probability_ppm: number;
  value_ppm: number;
  selected: boolean;
};

async function lookUp(
  { database, clock, monotonicMs }: RecordSettings,
  requests: readonly Request[],
): Promise<Known[]> {
  const declared = requests.map((request) => request.declaration);
  const sentMs = monotonicMs();
  const { rows } = await database.query<KnownRow>(lookUpStatement, [
    declared.map(({ declarationId }) => declarationId),
    declared.map(({ version }) => version),
    requests.map(({ stage }) => stage),
    declared.map(consignmentKey),
  ]);
  if (rows[0] !== undefined) clock.observe(rows[0].at.getTime(), sentMs, monotonicMs());
  return rows.map((row) => ({
    contentHash: row.content_hash ?? undefined,
    probe: row.probe ?? undefined,
    revisionMax: row.revision_max ?? 0,
    standing: row.record && row.decided_at ? recordedFrom(row.record, row.decided_at) : undefined,
    passed: row.passed,
    controlled: row.controlled,
    draw: row.consignment_key === null ? undefined : drawOf(row),
    consignment: row.consignment_key ?? undefined,
    at: row.at,
  }));
}

function drawOf(row: KnownRow): clearanceDecision.RandomDraw {
  return {
    keyId: row.key_id,
    day: row.day,
    probabilityPpm: row.probability_ppm,
    selected: row.selected,
    valuePpm: row.value_ppm,
  };
}

type StoredRow = { declaration: Buffer; stage: common.Stage; probe: boolean };

async function openRows(
  database: Database,
  statement: typeof concernedStatement,
  values: readonly unknown[],
): Promise<ProvisionalRow[]> {
  const { rows } = await database.query<StoredRow>(statement, values);
  return rows.map(({ stage, probe, ...row }) => ({
    declaration: declaration.Declaration.decode(row.declaration),
    stage,
    probe,
  }));
}
