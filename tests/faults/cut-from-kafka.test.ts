import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { common } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { certifiedTrader } from '../setup/certified-trader.ts';
import {
  clockOf,
  hasBenefit,
  identifierOf,
  startBorderPost,
  type Answer,
  type BorderPost,
} from '../setup/border-post.ts';
import { eventually } from '../setup/eventually.ts';
import { startLoopbackProxy, type LoopbackProxy } from '../setup/loopback-proxy.ts';
import { startProcesses, type TestProcesses } from '../setup/processes.ts';

const { MatchOutcome, NoBenefitReason } = common;
/** The age over which a status gives no benefit, by the database's clock. */
const boundMs = 2_000;
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

const identifier = (name: string) => identifierOf(name.toUpperCase());
const isStale = ({ decision }: Answer) => decision.noBenefit.includes(NoBenefitReason.STALE_STATUS);

async function untilBenefit(name: string, trader: string): Promise<void> {
  let probes = 0;
  await eventually(
    async () =>
      expect(hasBenefit(await post.assess(`${name}-${(probes += 1)}`, identifier(trader)))).toBe(true),
    { timeoutMs: 30_000 },
  );
}

/** Asks for both traders, one after the other, until the clock of the database has passed the end. */
async function askUntil(end: Date, name: string, traders: readonly string[]): Promise<Map<string, Answer[]>> {
  const answers = new Map(traders.map((trader) => [trader, [] as Answer[]]));
  for (let number = 0; (await clockOf(server)) < end; number += 1)
    for (const trader of traders)
      answers.get(trader)?.push(await post.assess(`${name}-${trader}-${number}`, identifier(trader)));
  return answers;
}

const after = (instant: Date, ms: number) => new Date(instant.getTime() + ms);
const decidedAfter = (answers: readonly Answer[], instant: Date) =>
  answers.filter(({ decidedAt }) => decidedAt !== undefined && decidedAt > instant);

test.each(['cut', 'hang'] as const)(
  'a node whose way to Kafka is taken away (%s) gives no benefit after two seconds, says why, and mends it afterwards',
  async (fault) => {
    const [suspended, steady] = [`${fault}-suspended`, `${fault}-steady`];
    const { suspend } = await certifiedTrader(post.registry, identifier(suspended));
    await certifiedTrader(post.registry, identifier(steady));
    await untilBenefit(`${fault}-before-1`, suspended);
    await untilBenefit(`${fault}-before-2`, steady);

    way[fault]();
    const cutAt = await clockOf(server);
    await suspend('an enquiry');
    const answeredAt = await clockOf(server);
    const answers = await askUntil(after(cutAt, boundMs + 1_500), fault, [suspended, steady]);

    const all = [...answers.values()].flat();
    const late = decidedAfter(all, after(cutAt, boundMs));
    expect(late.length).toBeGreaterThan(2);
    for (const answer of late) {
      expect(hasBenefit(answer)).toBe(false);
      expect(answer.decision).toMatchObject({ provisional: true });
      expect(isStale(answer)).toBe(true);
      const registry = answer.decision.freshness.find(({ source }) => source === 'registry');
      // What it had heard before the way was taken, and nothing newer.
      expect(registry?.asOf?.getTime()).toBeLessThanOrEqual(cutAt.getTime());
    }
    const lateForTheSuspended = decidedAfter(answers.get(suspended)!, after(answeredAt, boundMs));
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
  },
  90_000,
);
