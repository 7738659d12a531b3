import { riskTables } from '@aeo/proto';
import { expect, test } from 'vitest';
import { createNodeState } from './node-state.ts';
import { createReadiness } from './readiness.ts';

function node() {
  const nodeState = createNodeState({
    country: 'XA',
    partitions: { registry: 2, exchange: 1 },
    compile: () => () => ({ outcome: 'not_met', factsRead: [] }),
  });
  const time = { nowMs: 10_000, errorMs: 0 };
  const unready = createReadiness({ nodeState, clock: { read: () => ({ ...time }) }, statusAgeMaxMs: 2_000 });
  const beat = (source: 'registry' | 'exchange', partition: number) =>
    nodeState.freshness.heartbeat(source, partition, time.nowMs);
  const readRules = () =>
    nodeState.rules.apply(
      riskTables.MandatoryRule.fromPartial({ ruleId: 'r', version: 1, setVersion: 1, setSize: 1 }),
    );
  return { time, unready, beat, readRules };
}

const noHeartbeat = (source: string) => `not every partition of the ${source} has a fresh heartbeat`;
const noRules = 'the mandatory rules have not been read';

test('a node is ready once each partition of each source had a fresh heartbeat and the rules were read', () => {
  const { unready, beat, readRules, time } = node();
  expect(unready()).toEqual([noHeartbeat('registry'), noHeartbeat('exchange'), noRules]);
  beat('registry', 0);
  beat('exchange', 0);
  readRules();
  expect(unready()).toEqual([noHeartbeat('registry')]);
  time.nowMs += 2_001;
  beat('registry', 0);
  beat('registry', 1);
  expect(unready()).toEqual([noHeartbeat('exchange')]);
  beat('exchange', 0);
  expect(unready()).toEqual([]);
});

test('a node without its rules is not ready', () => {
  const { unready, beat } = node();
  beat('registry', 0);
  beat('registry', 1);
  beat('exchange', 0);
  expect(unready()).toEqual([noRules]);
});

test('a node that was ready stays so when its sources fall silent', () => {
  const { unready, beat, readRules, time } = node();
  beat('registry', 0);
  beat('registry', 1);
  beat('exchange', 0);
  readRules();
  expect(unready()).toEqual([]);
  time.nowMs += 60_000;
  expect(unready()).toEqual([]);
});
