import type { Database } from '@aeo/platform/postgres';
import { common } from '@aeo/proto';
import type { BenefitCount, BenefitsBy, KeyPage } from '../ports.ts';

const keys: Record<BenefitsBy, string> = {
  tier: "(CASE WHEN credited_source = 'registry' THEN credited_tier ELSE '' END)",
  size: '(size_class::text)',
  arrangement: "(CASE WHEN credited_source = 'registry' THEN '' ELSE credited_source END)",
  office: 'office',
};

/**
 * Declarations by what counted for their final decision: all, inspected, and inspected had no status counted. An
 * amended declaration counts once, by its newest version; one whose decision is still provisional, or a probe, does
 * not count. An empty key stands for decisions without a status of that kind.
 */
export async function countBenefits(
  database: Database,
  by: BenefitsBy,
  { from, until }: { from: string | undefined; until: string | undefined },
  { after, limit }: KeyPage,
): Promise<BenefitCount[]> {
  const { rows } = await database.query<BenefitCount>(
    `SELECT key, count(*) AS declarations,
            count(*) FILTER (WHERE lane = $3) AS inspected,
            count(*) FILTER (WHERE lane_without_status = $3) AS "inspectedWithoutStatus"
     FROM (SELECT ${keys[by]} COLLATE "C" AS key, lane, lane_without_status
           FROM (SELECT DISTINCT ON (declaration_id) * FROM ledger
                 ORDER BY declaration_id, version DESC, revision DESC) AS standing
           WHERE NOT probe AND NOT provisional
             AND declared_on >= coalesce($1::date, '-infinity')
             AND declared_on <= coalesce($2::date, 'infinity')) AS counted
     WHERE $4::text IS NULL OR key > $4 GROUP BY key ORDER BY key LIMIT $5`,
    [from ?? null, until ?? null, common.Lane.RED, after ?? null, limit],
  );
  return rows;
}
