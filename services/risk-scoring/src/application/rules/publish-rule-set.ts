import { createHash } from 'node:crypto';
import { AppError } from '@aeo/platform/errors';
import { isMandatory, type RuleSet } from '../../domain/rules/rule-set.ts';
import type { Ports, PublishedRuleSet } from '../../ports.ts';
import { mandatoryMessages } from './rule-messages.ts';

/**
 * Keeps a version of a rule set and publishes its mandatory rules, once. All sets share one sequence of versions:
 * decision nodes compare versions and do not know the ids of sets, so a set that replaces another needs a higher
 * version, and the rules it does not have are withdrawn.
 *
 * @throws AppError `conflict` where this version, or a higher one of any set, was published with other content
 */
export function publishRuleSet({ withRuleSets }: Pick<Ports, 'withRuleSets'>, set: RuleSet): Promise<void> {
  return withRuleSets(async (unit) => {
    const newest = await unit.findNewest();
    const contentHash = createHash('sha256').update(JSON.stringify(set.rules)).digest();
    if (newest !== undefined && newest.version >= set.version)
      return requireSame(newest, { id: set.id, version: set.version, contentHash });
    const mandatory = set.rules.filter(isMandatory);
    await unit.save({ id: set.id, version: set.version, mandatory, contentHash });
    await unit.publish(mandatoryMessages(set, newest?.mandatory ?? []));
  });
}

type Identity = Omit<PublishedRuleSet, 'mandatory'>;

function requireSame(newest: Identity, { id, version, contentHash }: Identity): void {
  const same = newest.id === id && newest.version === version && newest.contentHash.equals(contentHash);
  if (same) return;
  const problem = `version ${newest.version} of rule set ${newest.id} is published: version ${version} of ${id} cannot follow, a change needs a higher one`;
  throw new AppError('conflict', 'VERSION_CONFLICT', problem);
}
