import type { Database } from '@aeo/platform/postgres';
import { common } from '@aeo/proto';
import type { BenefitCount, BenefitsBy } from '../ports.ts';

const keys: Record<BenefitsBy, string> = {
  tier: "CASE WHEN credited_source = 'registry' THEN credited_tier ELSE '' END",
  size: 'size_class::text',
  arrangement: "CASE WHEN credited_source = 'registry' THEN '' ELSE credited_source END",
  office: 'office',
};

/**
 * Final decisions by what counted for them: all, inspected, and inspected had no status counted. Probes are apart. An
 * empty key stands for decisions without a status of that kind.
 */
export async function countBenefits(
  database: Database,
  by: BenefitsBy,
  { from, until }: { from: string | undefined; until: string | undefined },
): Promise<BenefitCount[]> {
  const { rows } = await database.query<BenefitCount>(
    `SELECT ${keys[by]} AS key, count(*) AS declarations,
            count(*) FILTER (WHERE lane = $3) AS inspected,
            count(*) FILTER (WHERE lane_without_status = $3) AS "inspectedWithoutStatus"
     FROM (SELECT DISTINCT ON (declaration_id, version) * FROM ledger
           WHERE declared_on >= coalesce($1::date, '-infinity') AND declared_on <= coalesce($2::date, 'infinity')
           ORDER BY declaration_id, version, revision DESC) AS standing
     WHERE NOT probe GROUP BY 1 ORDER BY 1`,
    [from ?? null, until ?? null, common.Lane.RED],
  );
  return rows;
}
