import { expect, test } from 'vitest';
import { createFreshness } from '../../domain/status-view/freshness.ts';
import { projectionLag } from './node-state-metrics.ts';

test("each partition lags by its own heartbeat, and one without a heartbeat since the node's start", () => {
  const freshness = createFreshness({ registry: 2, exchange: 1 });
  freshness.heartbeat('registry', 0, 9_750);
  const lag = projectionLag({ freshness }, 10_000, 4_000);
  expect(lag).toEqual([
    { value: 0.25, attributes: { topic: 'registry.operator-status.v1', partition: 0 } },
    { value: 6, attributes: { topic: 'registry.operator-status.v1', partition: 1 } },
    { value: 6, attributes: { topic: 'exchange.partner-status.v1', partition: 0 } },
  ]);
});

test('a frozen partition lags by its last heartbeat before the freeze', () => {
  const freshness = createFreshness({ registry: 1, exchange: 0 });
  freshness.heartbeat('registry', 0, 1_000);
  freshness.freeze('registry', 0);
  freshness.heartbeat('registry', 0, 9_000);
  expect(projectionLag({ freshness }, 10_000, 0).map(({ value }) => value)).toEqual([9]);
});
