import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import { riskTables, topics } from '@aeo/proto';
import type { RiskRule } from '../domain/rules/rule-set.ts';
import type { Ports, RuleSetTransaction } from '../ports.ts';

export function postgresRuleStore(database: Database, append: AppendOutbox): Pick<Ports, 'withRuleSets'> {
  return {
    withRuleSets: (work) =>
      database.transaction(async (transaction) => {
        await transaction.query("SELECT pg_advisory_xact_lock(hashtext('aeo rule set'))");
        return work(ruleSetTransaction(transaction, append));
      }),
  };
}

type Row = { rule_set_id: string; version: number; mandatory: RiskRule[]; content_hash: Buffer };

function ruleSetTransaction(transaction: Transaction, append: AppendOutbox): RuleSetTransaction {
  return {
    findNewest: async () => {
      const { rows } = await transaction.query<Row>(
        `SELECT rule_set_id, version, mandatory, content_hash FROM rule_set
         ORDER BY version DESC, loaded_at DESC LIMIT 1`,
      );
      const row = rows[0];
      return (
        row && {
          id: row.rule_set_id,
          version: row.version,
          mandatory: row.mandatory,
          contentHash: row.content_hash,
        }
      );
    },
    save: async ({ id, version, mandatory, contentHash }) => {
      await transaction.query(
        'INSERT INTO rule_set (rule_set_id, version, mandatory, content_hash) VALUES ($1, $2, $3, $4)',
        [id, version, JSON.stringify(mandatory), contentHash],
      );
    },
    publish: (rules) =>
      append(
        transaction,
        rules.map((rule) => ({
          topic: topics.mandatoryRule.name,
          key: rule.ruleId,
          eventType: 'MandatoryRulePublished',
          value: riskTables.MandatoryRule.encode(rule).finish(),
        })),
      ),
  };
}
