import { createHash } from 'node:crypto';
import { AppError } from '@aeo/platform/errors';
import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database } from '@aeo/platform/postgres';
import { riskTables, topics } from '@aeo/proto';
import { isMandatory, type RiskRule } from '../domain/rule-set.ts';
import type { Ports } from '../ports.ts';
import { mandatoryMessages } from '../rule-messages.ts';

type Row = { version: number; mandatory: RiskRule[]; content_hash: Buffer };

/** Keeps every version of a rule set and publishes the mandatory rules of a new one, once. */
export function postgresRuleStore(database: Database, append: AppendOutbox): Pick<Ports, 'publishRuleSet'> {
  return {
    publishRuleSet: (set) =>
      database.transaction(async (transaction) => {
        await transaction.query("SELECT pg_advisory_xact_lock(hashtext('aeo rule set'))");
        const { rows } = await transaction.query<Row>(
          `SELECT version, mandatory, content_hash FROM rule_set WHERE rule_set_id = $1 ORDER BY version DESC LIMIT 1`,
          [set.id],
        );
        const [held] = rows;
        const hash = createHash('sha256').update(JSON.stringify(set.rules)).digest();
        if (held !== undefined && held.version >= set.version) {
          if (held.version === set.version && held.content_hash.equals(hash)) return;
          const problem = `rule set ${set.id} is held in version ${held.version}: a change needs a higher one`;
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
            ...{ topic: topics.mandatoryRule.name, key: rule.ruleId, eventType: 'MandatoryRulePublished' },
            value: riskTables.MandatoryRule.encode(rule).finish(),
          })),
        );
      }),
  };
}
