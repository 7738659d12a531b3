import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { common, declaration, type clearanceService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { homeIdentifier } from '../../infra/main-job/declarations/declaration-message.ts';
import { startRedis } from '../../infra/local/redis/redis.ts';
import {
  allAnswered,
  recordedAssessments,
  bytesOf,
  ledgerRowsLike,
  assessRequestOf,
  type AssessmentStream,
} from '../setup/services/recorded-assessments.ts';
import { certifiedTrader } from '../setup/registry/certified-trader.ts';
import { startDecisionNodes, type DecisionNodes } from '../setup/services/decision-nodes.ts';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { waitForFault, scaled, shuffled, testLimitMs } from '../setup/faults/fault-plan.ts';
import { startLoopbackProxy, type LoopbackProxy } from '../setup/faults/loopback-proxy.ts';
import { processFolder } from '../setup/stack/process-folder.ts';

type Redis = Awaited<ReturnType<typeof startRedis>>;

const { MatchOutcome, PartyRole, Stage } = common;
const border = recordedAssessments();
const sources = () => ({
  boundMs: 2_000,
  administrations: [nodes.source],
  transcripts: border.transcript.entries,
});
// A node that waited for Redis would wait for a minute.
const deadlineMs = 5_000;
const trader = homeIdentifier('KNOWN');

let nodes: DecisionNodes;
let redis: Redis;
let way: LoopbackProxy;
let streams: AssessmentStream[];

const portOf = ({ address }: Redis) => Number(new URL(address).port);

function startOwnRedis(): Promise<Redis> {
  const folder = processFolder('redis');
  const at = (name: string) => join(folder, name);
  const downloads = join(process.cwd(), '.local', 'downloads');
  return startRedis({
    folders: { downloads, data: at('data'), logs: at('logs'), run: at('run'), fresh: true },
    log: () => undefined,
    shutdown: new AbortController().signal,
  });
}

beforeAll(async () => {
  redis = await startOwnRedis();
  way = await startLoopbackProxy(portOf(redis));
  nodes = await startDecisionNodes(inject('stack'), { REDIS_URL: `redis://127.0.0.1:${way.port}` });
  const two = [await nodes.startNode('one'), await nodes.startNode('other')];
  streams = two.map(({ client }) => border.openStream(client));
}, 90_000);
afterAll(async () => {
  await expectSound(sources());
  await nodes.stop();
  await way.stop();
  await redis.part.stop(5_000);
}, 60_000);

/** Says one thing to Redis in its inline form and returns what it first says back. */
async function redisCommand(command: string): Promise<string> {
  const socket = connect(portOf(redis), '127.0.0.1');
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

const questions = Array.from({ length: 20 }, (_, n) => assessRequestOf({ declarationId: `HELD-${n}` }));

/** Asks both nodes at once; a node that answers at the deadline without a record gives no time of decision. */
const askBoth = async (some: clearanceService.AssessRequest[]) =>
  Promise.all(streams.map((stream) => allAnswered(some.map((each) => stream.assess(each, deadlineMs)))));

const bytesOfBoth = (both: clearanceService.AssessResponse[][]) => both.map((all) => all.map(bytesOf));

const held: Record<string, () => Promise<void>> = {
  'emptied by FLUSHALL': async () => void (await redisCommand('FLUSHALL')),
  'paused by CLIENT PAUSE': async () =>
    void (await redisCommand(`CLIENT PAUSE ${scaled(3_000, 70_000)} ALL`)),
  frozen: () => Promise.resolve(void redis.part.process.kill('SIGSTOP')),
  'behind a connection that hangs': () => Promise.resolve(way.hang()),
  'behind a connection that is cut': () => Promise.resolve(way.cut()),
  'restarted empty': restart,
  'holding entries under wrong keys': swapEntries,
};

async function restart(): Promise<void> {
  const { port } = way;
  redis.part.process.kill('SIGKILL');
  await redis.part.exited;
  redis = await startOwnRedis();
  await way.stop();
  way = await startLoopbackProxy(portOf(redis), port);
}

async function swapEntries(): Promise<void> {
  const keys = (await redisCommand('KEYS *:decision:HELD-*'))
    .split('\r\n')
    .filter((line) => line.includes(':decision:'));
  expect(keys.length).toBeGreaterThan(1);
  for (let index = 1; index < keys.length; index += 2)
    for (const [from, to] of [
      [keys[index - 1], 'spare'],
      [keys[index], keys[index - 1]],
      ['spare', keys[index]],
    ])
      expect(await redisCommand(`RENAME ${from} ${to}`)).toBe('+OK\r\n');
}

/** Takes copies of entries and gives them back later, as a replica that fell behind would when it takes over. */
async function keepAside(pattern: string): Promise<() => Promise<void>> {
  const keys = (await redisCommand(`KEYS ${pattern}`))
    .split('\r\n')
    .filter((line) => line.includes(':decision:'));
  for (const key of keys) await redisCommand(`COPY ${key} aside:${key}`);
  return async () => {
    for (const key of keys) await redisCommand(`COPY aside:${key} ${key} REPLACE`);
  };
}

async function heal(): Promise<void> {
  redis.part.process.kill('SIGCONT');
  way.heal();
  // A node passes a cache that failed by for a second; it uses it again once entries of its own come back.
  for (const [index, stream] of streams.entries())
    await eventually(async () => {
      const name = `AGAIN-${index}-${String(Math.random()).slice(2)}`;
      await allAnswered([stream.assess(assessRequestOf({ declarationId: name }), deadlineMs)]);
      expect(await redisCommand(`KEYS *:decision:${name}*`)).not.toBe('*0\r\n');
    });
}

test.each(shuffled(Object.entries(held)))(
  'a node with Redis %s answers as before and within the deadline',
  async (name, take) => {
    // Decisions that were degraded at a node's start are re-evaluated; the cache holds none of them before.
    const first = await eventually(async () => {
      const answers = await askBoth(questions);
      const keys = (await redisCommand('KEYS *:decision:HELD-*')).split(':decision:').length - 1;
      expect(keys).toBe(questions.length);
      return answers;
    });
    await take();
    const fresh = Array.from({ length: 10 }, (_, n) =>
      assessRequestOf({ declarationId: `NEW-${name.replaceAll(' ', '-')}-${n}` }),
    );
    const [again, newAnswers] = [await askBoth(questions), await askBoth(fresh)];
    await waitForFault(0);
    const later = [await askBoth(questions), await askBoth(fresh)];
    await heal();
    const unrecorded = [again, newAnswers, ...later]
      .flat(2)
      .filter(({ decidedAt }) => decidedAt === undefined);
    expect(unrecorded).toEqual([]);
    const [heldLater, newLater] = later.map(bytesOfBoth);
    expect([bytesOfBoth(again), heldLater]).toEqual([bytesOfBoth(first), bytesOfBoth(first)]);
    expect(newLater).toEqual(bytesOfBoth(newAnswers));
    expect(await ledgerRowsLike(nodes.database, 'HELD-%')).toHaveLength(questions.length);
  },
  testLimitMs(60_000),
);

test('a provisional decision is never answered from Redis', async () => {
  const { operatorId, suspend } = await certifiedTrader(nodes.registryClient, trader);
  const early = (declarationId: string) =>
    assessRequestOf(
      {
        declarationId,
        parties: [declaration.Party.fromPartial({ role: PartyRole.IMPORTER, identifier: trader })],
      },
      { stage: Stage.PRE_ARRIVAL },
    );
  let tries = 0;
  await eventually(async () => {
    const [[answer]] = (await askBoth([early(`EARLY-${(tries += 1)}`)])) as [
      clearanceService.AssessResponse[],
    ];
    expect(answer?.decision?.matches[0]?.outcome).toBe(MatchOutcome.MATCHED);
  });
  const id = `EARLY-${tries}`;
  await askBoth([early(id)]);
  await askBoth([assessRequestOf({ declarationId: 'FINAL' })]);
  // What was answered before it would be there by now.
  await eventually(async () => expect(await redisCommand('KEYS *:decision:FINAL*')).not.toBe('*0\r\n'));
  const giveBack = await keepAside(`*:decision:${id}:*`);
  const command = { command: 'suspendCertificate', operatorId };
  await border.transcript.command(command, () => suspend('an enquiry'));
  await eventually(async () => expect((await ledgerRowsLike(nodes.database, id)).length).toBeGreaterThan(1));
  await giveBack();
  const answers = (await askBoth([early(id)])).flat();
  const newest = (await ledgerRowsLike(nodes.database, id)).at(-1)!.record;
  expect(answers.map(bytesOf)).toEqual([newest, newest]);
  for (const { decision } of answers) expect(decision?.matches[0]?.outcome).toBe(MatchOutcome.SUSPENDED);
});
