import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { connectKafka } from '@aeo/platform/kafka';
import { clearanceService, common, declaration, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { homeIdentifier } from '../../infra/main-job/declarations/declaration-message.ts';
import {
  allAnswered,
  recordedAssessments,
  bytesOf,
  creditOf,
  ledgerRowsLike,
  assessRequestOf,
} from '../setup/services/recorded-assessments.ts';
import { certifiedTrader } from '../setup/registry/certified-trader.ts';
import {
  startDecisionNodes,
  type DecisionNode,
  type DecisionNodes,
} from '../setup/services/decision-nodes.ts';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { faultSeed, waitForFault, scaled, testLimitMs } from '../setup/faults/fault-plan.ts';
import { startStatementHolds, type StatementHolds } from '../setup/faults/statement-holds.ts';

const service = clearanceService.ClearanceServiceService;
const { MatchOutcome, NoBenefitReason, PartyRole, Stage } = common;
const stack = inject('stack');
const recording = 'decision-record';

/** T: how old a status may be that gives a benefit. */
const statusAgeMaxMs = 2_000;

let nodes: DecisionNodes;
let proxy: StatementHolds;
let watched: DecisionNode;
let other: DecisionNode;
const border = recordedAssessments();
const sources = () => ({
  boundMs: statusAgeMaxMs,
  administrations: [nodes.source],
  transcripts: border.transcript.entries,
});

beforeAll(async () => {
  nodes = await startDecisionNodes(stack);
  proxy = await startStatementHolds(nodes.databasePort);
  watched = await nodes.startNode('watched', { proxyPort: proxy.port });
  other = await nodes.startNode('other');
}, 90_000);
afterAll(async () => {
  await expectSound(sources());
  await nodes.stop();
  await proxy.stop();
}, 60_000);

const rowsOf = (declarationId: string) => ledgerRowsLike(nodes.database, declarationId);

test(
  'two processes that receive the same declarations by RPC, stream and topic decide each once',
  async () => {
    const count = scaled(300, 3_000);
    const race = (n: number) => assessRequestOf({ declarationId: `RACE-${faultSeed}-${n}` });
    const questions = Array.from({ length: count }, (_, n) => race(n));
    const kafka = await connectKafka({
      brokers: stack.kafkaBrokers.split(','),
      administration: nodes.administration,
      clientId: 'border-system',
      log: () => undefined,
    });
    const producer = await kafka.producer();
    const streams = [watched, other].map(({ client }) => border.openStream(client));
    const answers: clearanceService.AssessResponse[] = [];
    for (let start = 0; start < count; start += 50) {
      const batch = questions.slice(start, start + 50);
      const asked = batch.flatMap((question) => [
        ...[watched, other].map(({ client }) => border.assess(client, question)),
        ...streams.map((stream) => stream.assess(question)),
      ]);
      const [, some] = await Promise.all([producer.send(batch.map(lodged)), allAnswered(asked)]);
      answers.push(...some);
    }
    streams.forEach((stream) => stream.end());
    const seen = Map.groupBy(answers, ({ decision }) => decision?.declarationId ?? '');
    const ledger = await rowsOf('RACE-%');
    expect(ledger.map(({ declarationId }) => declarationId).sort()).toEqual([...seen.keys()].sort());
    for (const { declarationId, record } of ledger)
      expect(seen.get(declarationId)?.map(bytesOf)).toEqual([record, record, record, record]);
    expect(ledger).toHaveLength(count);
    expect(await publishedOnce(kafka, count)).toEqual(
      new Map(ledger.map((row) => [row.declarationId, row.record])),
    );
    expect(await rowsOf('RACE-%')).toHaveLength(count);
    await producer.stop();
    await kafka.stop();
  },
  testLimitMs(60_000),
);

function lodged({ declaration: declared, stage }: clearanceService.AssessRequest) {
  const message = declaration.DeclarationLodged.fromPartial({
    ...(declared ? { declaration: declared } : {}),
    stage,
  });
  return {
    topic: topics.declarationLodged.name,
    key: declared?.declarationId ?? '',
    value: declaration.DeclarationLodged.encode(message).finish(),
    headers: { 'event-id': randomUUID(), 'event-type': 'DeclarationLodged' },
  };
}

/** The published decisions by declaration, once the outbox is empty; as many records as declarations. */
async function publishedOnce(kafka: Awaited<ReturnType<typeof connectKafka>>, count: number) {
  await eventually(async () => {
    expect((await nodes.database.query('SELECT 1 FROM outbox LIMIT 1')).rows).toEqual([]);
  });
  const published: [string, Buffer][] = [];
  const reader = await kafka.broadcast({
    topics: [topics.decision.name],
    onRecord: ({ key, value }) => void published.push([key, Buffer.from(value)]),
  });
  await reader.ready;
  await reader.stop();
  expect(published).toHaveLength(count);
  return new Map(published);
}

/** A declaration that names nobody known but this importer. */
const importedBy = (value: string, declarationId: string) =>
  assessRequestOf({
    declarationId,
    parties: [declaration.Party.fromPartial({ role: PartyRole.IMPORTER, identifier: homeIdentifier(value) })],
  });

test('a process that is frozen between reading a status and the commit gives no benefit for it', async () => {
  const { operatorId, suspend } = await certifiedTrader(nodes.registryClient, homeIdentifier('SLEEPER'));
  let tries = 0;
  await eventually(async () => {
    const answer = await border.assess(watched.client, importedBy('SLEEPER', `AWAKE-${(tries += 1)}`));
    expect(creditOf(answer)).toBeGreaterThan(0);
  });
  const hold = proxy.holdNext(recording, 'before');
  const answering = border.assess(watched.client, importedBy('SLEEPER', 'ASLEEP'));
  await hold.reached;
  watched.signal('SIGSTOP');
  try {
    const command = { command: 'suspendCertificate', operatorId };
    const { answeredAt } = await border.transcript.command(command, () => suspend('an enquiry'));
    const boundMs = (answeredAt?.getTime() ?? 0) + statusAgeMaxMs;
    const priority = watched.client.call(service.getPriority, priorityRequest('SLEEPER'), {
      deadlineMs: 30_000,
    });
    await eventually(async () => expect(await databaseMs()).toBeGreaterThan(boundMs), { timeoutMs: 30_000 });
    await waitForFault(0, 3_000);
    hold.release();
    // What the sleeper sent is taken or refused by the database alone, before it wakes.
    await pause(100);
    watched.signal('SIGCONT');
    const answer = await answering;
    expect(creditOf(answer)).toBe(0);
    expect((await priority).priority).toBe(false);
    await eventually(async () => expect(await rowsOf('ASLEEP')).not.toEqual([]));
    const late = (await ledgerRowsLike(nodes.database, '%')).filter(
      (row) => row.creditedOperator === operatorId && row.decidedAt.getTime() >= boundMs,
    );
    expect(late).toEqual([]);
  } finally {
    hold.release();
    watched.signal('SIGCONT');
  }
  await eventually(async () => {
    const { decision } = await border.assess(watched.client, importedBy('SLEEPER', `LATER-${(tries += 1)}`));
    expect(decision).toMatchObject({ noBenefit: [], matches: [{ outcome: MatchOutcome.SUSPENDED }] });
  });
}, 60_000);

async function databaseMs(): Promise<number> {
  const { rows } = await nodes.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]!.now.getTime();
}

const priorityRequest = (value: string) =>
  clearanceService.GetPriorityRequest.fromPartial({
    identifier: homeIdentifier(value),
    role: PartyRole.IMPORTER,
    office: '10',
    kind: common.DeclarationKind.IMPORT,
    direction: common.Direction.IMPORT,
    transportMode: common.TransportMode.SEA,
    date: new Date().toISOString().slice(0, 10),
  });

test('a commit whose acknowledgement is lost gives no benefit at first, and a retry receives its bytes', async () => {
  const hold = proxy.holdNext(recording, 'after');
  const answering = border.assess(watched.client, assessRequestOf({ declarationId: 'UNKNOWN' }));
  await hold.reached;
  await eventually(async () => expect(await rowsOf('UNKNOWN')).toHaveLength(1));
  hold.drop();
  const { decision, decidedAt } = await answering;
  expect(decidedAt).toBeUndefined();
  expect(decision).toMatchObject({ provisional: true, noBenefit: [NoBenefitReason.LEDGER_UNAVAILABLE] });
  const retries = await Promise.all(
    [watched, other].map(({ client }) =>
      border.assess(client, assessRequestOf({ declarationId: 'UNKNOWN' })),
    ),
  );
  const rows = await rowsOf('UNKNOWN');
  expect(rows).toHaveLength(1);
  expect(retries.map(bytesOf)).toEqual([rows[0]!.record, rows[0]!.record]);
});

test('a retry at another node receives the decision of a node that was killed after its commit', async () => {
  const committed = assessRequestOf({ declarationId: 'COMMITTED' });
  const neverSent = assessRequestOf({ declarationId: 'NEVER-SENT' });
  const after = proxy.holdNext(recording, 'after');
  const answering = [border.assess(watched.client, committed)];
  await after.reached;
  await eventually(async () => expect(await rowsOf('COMMITTED')).toHaveLength(1));
  const before = proxy.holdNext(recording, 'before');
  answering.push(border.assess(watched.client, neverSent));
  const ended = Promise.allSettled(answering);
  await before.reached;
  await watched.kill();
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await rowsOf('NEVER-SENT')).toEqual([]);
  const [written] = await rowsOf('COMMITTED');
  expect(bytesOf(await border.assess(other.client, committed))).toEqual(written!.record);
  const newDecision = await border.assess(other.client, neverSent);
  expect(newDecision.decision).toMatchObject({ revision: 1, noBenefit: [] });
  watched = await nodes.startNode('watched', { proxyPort: proxy.port });
  for (const question of [committed, neverSent]) {
    const { declarationId = '' } = question.declaration ?? {};
    const held = (await rowsOf(declarationId)).map(({ record }) => record);
    expect(held).toEqual([bytesOf(await border.assess(watched.client, question))]);
  }
}, 60_000);

test('a version of a declaration with other content is refused at every node and stage', async () => {
  const question = assessRequestOf({ declarationId: 'REUSED' }, { stage: Stage.PRE_ARRIVAL });
  await border.assess(other.client, question);
  const others = [
    assessRequestOf({ declarationId: 'REUSED', office: '99' }),
    { ...question, probe: true },
    { ...question, probe: true, stage: Stage.PRESENTATION },
  ];
  for (const { client } of [watched, other])
    for (const each of others)
      await expect(border.assess(client, each)).rejects.toMatchObject({
        code: 'conflict',
        reason: 'KEY_REUSED',
      });
  expect(await rowsOf('REUSED')).toHaveLength(1);
});
