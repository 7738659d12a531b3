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

const stack = inject('stack');
const distant = inject('distant');
let way: LoopbackProxy;
let processes: TestProcesses;
let post: BorderPost;
let registryDatabase: Database;

beforeAll(async () => {
  way = await startLoopbackProxy(distant.listens, distant.advertised);
  const registry = { KAFKA_BROKERS: `127.0.0.1:${distant.advertised}` };
  processes = await startProcesses(stack, { SCORE_TIMEOUT_MS: '1000' }, { registry });
  post = await startBorderPost(processes);
  const settings = { url: processes.registry.databaseUrl, applicationName: 'tests', connectionsMax: 1 };
  registryDatabase = await connectPostgres(settings);
});
afterAll(async () => {
  await registryDatabase.stop();
  await post.stop();
  await processes.stop();
  await way.stop();
});

const waiting = async () => {
  const { rows } = await registryDatabase.query<{ count: bigint }>('SELECT count(*) FROM outbox');
  return Number(rows[0]?.count);
};

test.each(['cut', 'hang'] as const)(
  'a registry that cannot reach Kafka (%s) accepts commands, benefits end after two seconds, and all events arrive later',
  async (fault) => {
    const [first, second, late] = ['first', 'second', 'late'].map((name) => `${fault}-${name}`.toUpperCase());
    const { suspend } = await certifiedTrader(post.registry, identifierOf(first!));
    await certifiedTrader(post.registry, identifierOf(second!));
    for (const trader of [first!, second!]) await waitForBenefit(post, 'before', trader);

    // Anywhere between two heartbeats.
    await pause(between(0, 1_000));
    way[fault]();
    const cutAt = await clockOf(registryDatabase);
    await suspend('an enquiry');
    await certifiedTrader(post.registry, identifierOf(late!));
    const end = laterBy(cutAt, statusAgeMaxMs + scaled(1_500, 60_000));
    const answers = await assessUntil(end, 'meanwhile', [second!], { post, database: registryDatabase });
    const stale = decidedAfter(answers.get(second!)!, laterBy(cutAt, statusAgeMaxMs));
    expect(stale.length).toBeGreaterThan(2);
    expect(stale.filter(hasBenefit)).toEqual([]);
    expect(stale.filter((answer) => !isStale(answer))).toEqual([]);
    // The suspension and the certificate of the newcomer, at least.
    expect(await waiting()).toBeGreaterThanOrEqual(2);

    way.heal();
    await eventually(async () => expect(await waiting()).toBe(0), { timeoutMs: 30_000 });
    await waitForBenefit(post, 'afterwards', late!);
    await waitForBenefit(post, 'afterwards', second!);
    let number = 0;
    await eventually(async () => {
      const { decision } = await post.assess(`afterwards-${first}-${(number += 1)}`, identifierOf(first!));
      expect(decision.matches[0]?.outcome).toBe(common.MatchOutcome.SUSPENDED);
    });
    const { entries: transcripts } = post.transcript;
    // A minute of decisions is re-evaluated first.
    const settleWithinMs = scaled(15_000, 60_000);
    const administrations = [processes.source];
    await expectSound({ boundMs: statusAgeMaxMs, administrations, transcripts, settleWithinMs });
  },
  testLimitMs(90_000),
);
