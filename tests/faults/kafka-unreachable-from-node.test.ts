import { setTimeout as pause } from 'node:timers/promises';
import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { common } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  laterBy,
  assessUntil,
  clockOf,
  decidedAfter,
  hasBenefit,
  identifierOf,
  isStale,
  startBorderPost,
  statusAgeMaxMs,
  waitForBenefit,
  type BorderPost,
} from '../setup/services/border-post.ts';
import { certifiedTrader } from '../setup/registry/certified-trader.ts';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { between, scaled, testLimitMs } from '../setup/faults/fault-plan.ts';
import { startLoopbackProxy, type LoopbackProxy } from '../setup/faults/loopback-proxy.ts';
import { startProcesses, type TestProcesses } from '../setup/services/processes.ts';

const { MatchOutcome } = common;
/** A decision made later than this after a status change is not re-evaluated because of it. */
const afterChangeMs = 6_000;
const stack = inject('stack');
const distant = inject('distant');
let way: LoopbackProxy;
let processes: TestProcesses;
let post: BorderPost;
let server: Database;

beforeAll(async () => {
  way = await startLoopbackProxy(distant.listens, distant.advertised);
  server = await connectPostgres({ url: stack.postgresUrl, applicationName: 'tests', connectionsMax: 1 });
  const clearance = { KAFKA_BROKERS: `127.0.0.1:${distant.advertised}` };
  processes = await startProcesses(stack, { SCORE_TIMEOUT_MS: '1000' }, { clearance });
  post = await startBorderPost(processes);
});
afterAll(async () => {
  await post.stop();
  await processes.stop();
  await server.stop();
  await way.stop();
});

test.each(['cut', 'hang'] as const)(
  'a node that cannot reach Kafka (%s) gives no benefit after two seconds, states the reason and re-evaluates afterwards',
  async (fault) => {
    const [suspended, steady] = [`${fault}-suspended`.toUpperCase(), `${fault}-steady`.toUpperCase()];
    const { suspend } = await certifiedTrader(post.registry, identifierOf(suspended));
    await certifiedTrader(post.registry, identifierOf(steady));
    const certifiedAt = await clockOf(server);
    for (const trader of [suspended, steady]) await waitForBenefit(post, 'before', trader);

    // Anywhere between two heartbeats.
    await pause(between(0, 1_000));
    way[fault]();
    const cutAt = await clockOf(server);
    await suspend('an enquiry');
    const answeredAt = await clockOf(server);
    const stale = laterBy(cutAt, statusAgeMaxMs + scaled(1_500, 60_000));
    const settled = laterBy(certifiedAt, afterChangeMs);
    const end = stale > settled ? stale : settled;
    const answers = await assessUntil(end, 'meanwhile', [suspended, steady], { post, database: server });

    const all = [...answers.values()].flat();
    const late = decidedAfter(all, laterBy(cutAt, statusAgeMaxMs));
    expect(late.length).toBeGreaterThan(2);
    for (const answer of late) {
      expect(hasBenefit(answer)).toBe(false);
      expect(answer.decision).toMatchObject({ provisional: true });
      expect(isStale(answer)).toBe(true);
      const registry = answer.decision.freshness.find(({ source }) => source === 'registry');
      // What it received before the connection was cut, and nothing newer.
      expect(registry?.asOf?.getTime()).toBeLessThanOrEqual(cutAt.getTime());
    }
    const lateForTheSuspended = decidedAfter(answers.get(suspended)!, laterBy(answeredAt, statusAgeMaxMs));
    expect(lateForTheSuspended.length).toBeGreaterThan(0);
    expect(lateForTheSuspended.filter(hasBenefit)).toEqual([]);

    way.heal();
    const lastOf = (trader: string) => answers.get(trader)!.at(-1)!.decision.declarationId;
    await eventually(
      async () => {
        const again = await post.explain(lastOf(steady));
        expect(again.decision.noBenefit).toEqual([]);
        expect(hasBenefit(again)).toBe(true);
      },
      { timeoutMs: 30_000 },
    );
    await eventually(async () => {
      const again = await post.explain(lastOf(suspended));
      expect(again.decision.noBenefit).toEqual([]);
      expect(again.decision.matches[0]?.outcome).toBe(MatchOutcome.SUSPENDED);
      expect(hasBenefit(again)).toBe(false);
    });
    const { entries: transcripts } = post.transcript;
    // A minute of decisions is re-evaluated first.
    const settleWithinMs = scaled(15_000, 60_000);
    const administrations = [processes.source];
    await expectSound({ boundMs: statusAgeMaxMs, administrations, transcripts, settleWithinMs });
  },
  testLimitMs(90_000),
);
