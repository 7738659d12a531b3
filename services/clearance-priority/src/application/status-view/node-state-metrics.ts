import type { Stoppable } from '@aeo/platform/lifecycle';
import { observe } from '@aeo/platform/metrics';
import { topics } from '@aeo/proto';
import type { StatusSource } from '../../domain/status-view/freshness.ts';
import type { NodeState } from './node-state.ts';
import type { Clock } from '../../ports.ts';

const topicOf: Record<StatusSource, { name: string }> = {
  registry: topics.operatorStatus,
  exchange: topics.partnerStatus,
};
const sources: readonly StatusSource[] = ['registry', 'exchange'];

/** What a node reports of its state whenever metrics are read. */
export function observeNodeState(nodeState: NodeState, clock: Clock): Stoppable {
  const startedMs = Date.now();
  // Where the database's clock is not known, that of this machine is near enough for an alarm; no verdict rests on it.
  const nowMs = () => clock.read()?.nowMs ?? Date.now();
  const unobserve = [
    observe('aeo.projection.lag', () => projectionLag(nodeState, nowMs(), startedMs)),
    observe('aeo.quarantine.depth', () => blockedKeys(nodeState)),
    observe('aeo.list.age', () => listAges(nodeState, nowMs())),
    observe('aeo.list.interval', () => listIntervals(nodeState)),
  ];
  return {
    name: 'signals',
    stop: () => {
      unobserve.forEach((end) => end());
      return Promise.resolve();
    },
  };
}

/** Seconds since the newest heartbeat of each partition; since the node's own start where none came yet. */
export function projectionLag({ freshness }: Pick<NodeState, 'freshness'>, nowMs: number, startedMs: number) {
  return sources.flatMap((source) =>
    freshness.partitions(source).map((asOfMs, partition) => ({
      value: Math.max(0, nowMs - (asOfMs ?? startedMs)) / 1000,
      attributes: { topic: topicOf[source].name, partition },
    })),
  );
}

function blockedKeys({ view }: NodeState) {
  const blocked = view.blockedKeys();
  return sources.map((source) => ({ value: blocked[source], attributes: { topic: topicOf[source].name } }));
}

/** Seconds since the issue of each list in force on this node; a list that does not say when is left out. */
function listAges({ view }: Pick<NodeState, 'view'>, nowMs: number) {
  return view.listsInForce().flatMap(({ arrangementId, listIssuedAt }) =>
    listIssuedAt === undefined
      ? []
      : [
          {
            value: Math.max(0, nowMs - listIssuedAt.getTime()) / 1000,
            attributes: { arrangement: arrangementId },
          },
        ],
  );
}

function listIntervals({ view }: Pick<NodeState, 'view'>) {
  return view.listsInForce().flatMap(({ arrangementId, listIssuedAt, listValidUntil }) => {
    if (listIssuedAt === undefined || listValidUntil === undefined) return [];
    const value = (listValidUntil.getTime() - listIssuedAt.getTime()) / 1000;
    return [{ value, attributes: { arrangement: arrangementId } }];
  });
}
