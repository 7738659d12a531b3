import type { Queryable } from '@aeo/platform/postgres';
import { clearanceDecision, topics } from '@aeo/proto';
import type { WindowCounts } from '../domain/ledger/ledger-balance.ts';
import type { LedgerWatchPorts } from '../application/ledger/ledger-watch.ts';

const countStatement = {
  name: 'ledger-check',
  text: `
    WITH keys AS (
      SELECT declaration_id, version, revision FROM decision_key WHERE decided_at > $1 AND decided_at <= $2
    ), held AS (
      SELECT declaration_id, version, revision, declaration_id || '/' || version || '/' || revision AS subject
      FROM ledger WHERE decided_at > $1 AND decided_at <= $2
    )
    SELECT
      (SELECT count(*) FROM keys FULL JOIN held USING (declaration_id, version, revision)
       WHERE keys IS NULL OR held IS NULL)::integer AS unpaired,
      (SELECT count(*) FROM held
       LEFT JOIN proof_leaf AS leaf ON leaf.stream = 'ledger' AND leaf.subject = held.subject
       LEFT JOIN proof_pending AS pending ON pending.stream = 'ledger' AND pending.subject = held.subject
       WHERE leaf.subject IS NULL AND pending.subject IS NULL)::integer AS unsealed,
      (SELECT count(*) FROM held)::integer AS recorded,
      (SELECT count(*) FROM outbox WHERE topic = $3)::integer AS waiting`,
};

const benefitsStatement = {
  name: 'ledger-benefits-of',
  text: `
    SELECT declaration_id || '/' || version || '/' || revision AS key, decided_at, record FROM ledger
    WHERE credited_operator <> '' AND decided_at > $2 AND credited_operator = ANY ($1::text[])
    ORDER BY decided_at DESC LIMIT 1000`,
};

/** Looks at the ledger as an auditor would, a bounded part at a time. */
export function postgresLedgerCheck(
  database: Queryable,
): Pick<LedgerWatchPorts, 'now' | 'count' | 'benefitsOf'> {
  return {
    now: async () => {
      const { rows } = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
      return rows[0]!.now;
    },
    count: async ({ fromMs, untilMs }) => {
      const { rows } = await database.query<WindowCounts>(countStatement, [
        new Date(fromMs),
        new Date(untilMs),
        topics.decision.name,
      ]);
      return rows[0]!;
    },
    benefitsOf: async (operatorIds, after) => {
      const { rows } = await database.query<{ key: string; decided_at: Date; record: Buffer }>(
        benefitsStatement,
        [operatorIds, after],
      );
      return rows.map(({ key, decided_at: decidedAt, record }) => ({
        key,
        decidedAt,
        decision: clearanceDecision.Decision.decode(record),
      }));
    },
  };
}
