import { staleSources, type NodeState } from './node-state.ts';
import type { Clock } from '../../ports.ts';

export type ReadinessPorts = { nodeState: NodeState; clock: Clock; statusAgeMaxMs: number };

/**
 * What keeps a node from being ready: a source without a fresh heartbeat on every partition, mandatory rules not read.
 * Once nothing did, the node stays ready: losing sight of a source takes benefits away and blocks no declaration.
 */
export function createReadiness({ nodeState, clock, statusAgeMaxMs }: ReadinessPorts): () => string[] {
  let wasReady = false;
  return () => {
    if (wasReady) return [];
    const stale = [...staleSources(nodeState, clock.read(), statusAgeMaxMs)];
    const reasons = [
      ...stale.map((source) => `not every partition of the ${source} has a fresh heartbeat`),
      ...(nodeState.rules.setVersion() === 0 ? ['the mandatory rules have not been read'] : []),
    ];
    wasReady = reasons.length === 0;
    return reasons;
  };
}
