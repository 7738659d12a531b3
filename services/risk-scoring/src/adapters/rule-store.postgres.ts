import { createHash } from 'node:crypto';
import { AppError } from '@aeo/platform/errors';
import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database } from '@aeo/platform/postgres';
import { riskTables, topics } from '@aeo/proto';
import { isMandatory, type RiskRule } from '../domain/rules/rule-set.ts';
import type { Ports } from '../ports.ts';
import { mandatoryMessages } from '../application/rules/rule-messages.ts';

type Row = { rule_set_id: string; version: number; mandatory: RiskRule[]; content_hash: Buffer };

/**
 * Keeps every version of the rule sets and publishes the mandatory rules of a new one, once. All sets share one sequence
 * of versions: decision nodes compare versions and know nothing of ids, so a set that replaces another needs a higher
 * version than that one, and what it does not have is withdrawn.
 */
export function postgresRuleStore(database: Database, append: AppendOutbox): Pick<Ports, 'publishRuleSet'> {
  return {
    publishRuleSet: (set) =>
      database.transaction(async (transaction) => {
        await transaction.query("SELECT pg_advisory_xact_lock(hashtext('aeo rule set'))");
        const { rows } = await transaction.query<Row>(
          `SELECT rule_set_id, version, mandatory, content_hash FROM rule_set
           ORDER BY version DESC, loaded_at DESC LIMIT 1`,
        );
        const [held] = rows;
        const hash = createHash('sha256').update(JSON.stringify(set.rules)).digest();
        if (held !== undefined && held.version >= set.version) {
          const same = held.rule_set_id === set.id && held.version === set.version;
          if (same && held.content_hash.equals(hash)) return;
          const problem = `version ${held.version} of rule set ${held.rule_set_id} is published: version ${set.version} of ${set.id} cannot follow, a change needs a higher one`;
          throw new AppError('conflict', 'VERSION_CONFLICT', problem);
        }
        const mandatory = set.rules.filter(isMandatory);
        await transaction.query(
          'INSERT INTO rule_set (rule_set_id, version, mandatory, content_hash) VALUES ($1, $2, $3, $4)',
          [set.id, set.version, JSON.stringify(mandatory), hash],
        );
        await append(
          transaction,
          mandatoryMessages(set, held?.mandatory ?? []).map((rule) => ({
            topic: topics.mandatoryRule.name,
            key: rule.ruleId,
            eventType: 'MandatoryRulePublished',
            value: riskTables.MandatoryRule.encode(rule).finish(),
          })),
        );
      }),
  };
}
