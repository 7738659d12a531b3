import { clearanceDecision, common, type clearanceService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  recordedAssessments,
  bytesOf,
  ledgerRowsLike,
  assessRequestOf,
} from '../setup/services/recorded-assessments.ts';
import {
  startDecisionNodes,
  type DecisionNode,
  type DecisionNodes,
} from '../setup/services/decision-nodes.ts';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { between, waitForFault, testLimitMs } from '../setup/faults/fault-plan.ts';
import { startLoopbackProxy, type LoopbackProxy } from '../setup/faults/loopback-proxy.ts';

const { Lane, NoBenefitReason, SelectionReason } = common;
const border = recordedAssessments();
const sources = () => ({
  boundMs: 2_000,
  administrations: [nodes.source],
  transcripts: border.transcript.entries,
});
const floorPpm = 100_000;

let nodes: DecisionNodes;
let way: LoopbackProxy;
let node: DecisionNode;

beforeAll(async () => {
  nodes = await startDecisionNodes(inject('stack'), { FLOOR_PPM: String(floorPpm) });
  way = await startLoopbackProxy(portOf(nodes.risk.address));
  node = await nodes.startNode('node', { settings: { RISK_ADDRESS: `localhost:${way.port}` } });
  let tries = 0;
  await eventually(async () => {
    const { decision } = await border.assess(node.client, goods(`SCORED-${(tries += 1)}`, '851712'));
    expect(decision?.noBenefit).toEqual([]);
  });
}, 90_000);
afterAll(async () => {
  await expectSound(sources());
  await nodes.stop();
  await way.stop();
}, 60_000);

const portOf = (address: string) => Number(address.split(':')[1]);
const goods = (declarationId: string, hs6: string) => {
  const question = assessRequestOf({ declarationId });
  for (const item of question.declaration?.items ?? []) item.hs6 = hs6;
  return question;
};

/** Live animals are a legal control, in the mandatory rules; telephones are in no rule. */
const animals = '010619';
const telephones = '851712';

test(
  'a node that loses the scorer releases no embargoed goods, keeps the random draw and re-evaluates the rest',
  async () => {
    const embargoed = Array.from({ length: 1_000 }, (_, n) => goods(`EMBARGOED-${n}`, animals));
    const others = Array.from({ length: 1_000 }, (_, n) => goods(`OTHER-${n}`, telephones));
    const inTurn = embargoed.flatMap((each, n) => [each, others[n]!]);
    const answered: clearanceService.AssessResponse[] = [];
    const askAll = async (questions: typeof inTurn) => {
      for (let start = 0; start < questions.length; start += 50)
        answered.push(
          ...(await Promise.all(
            questions.slice(start, start + 50).map((each) => border.assess(node.client, each)),
          )),
        );
    };
    const underWay = askAll(inTurn);
    const before = between(200, 1_000);
    await eventually(() => expect(answered.length).toBeGreaterThan(before));
    nodes.risk.child.process.kill('SIGKILL');
    await underWay;
    const decisions = answered.map(({ decision }) => decision!);
    const degraded = decisions.filter(({ noBenefit }) =>
      noBenefit.includes(NoBenefitReason.SCORE_UNAVAILABLE),
    );
    expect(degraded.length).toBeGreaterThan(500);
    expect(degraded.length).toBeLessThan(answered.length - before + 100);
    const ofKind = (some: typeof decisions, kind: string) =>
      some.filter(({ declarationId }) => declarationId.startsWith(kind));
    const released = ofKind(decisions, 'EMBARGOED').filter(
      ({ lane }) => lane === Lane.GREEN || lane === Lane.BLUE,
    );
    expect(released).toEqual([]);
    for (const { lane, selection } of ofKind(decisions, 'EMBARGOED'))
      expect([lane, selection]).toEqual([Lane.RED, SelectionReason.LEGAL_CONTROL]);
    const fallback = ofKind(degraded, 'OTHER').map(({ draw, lane }) => [draw?.selected, lane]);
    expect(fallback).toEqual(fallback.map(([drawn]) => [drawn, drawn ? Lane.RED : Lane.YELLOW]));
    expectDrawn(decisions);
    expectDrawn(degraded);
    await allDecidedAgain(degraded);
  },
  testLimitMs(120_000),
);

/** Within five standard deviations of the floor. */
function expectDrawn(decisions: readonly clearanceDecision.Decision[]): void {
  const share = floorPpm / 1_000_000;
  const deviation = Math.sqrt(decisions.length * share * (1 - share));
  const drawn = decisions.filter(({ draw }) => draw?.selected).length;
  expect(Math.abs(drawn - decisions.length * share)).toBeLessThan(5 * deviation);
}

/** The scorer is back at the same address: what waited for documents has a final decision, with the draw it had. */
async function allDecidedAgain(degraded: readonly clearanceDecision.Decision[]): Promise<void> {
  await waitForFault(0);
  const { port } = way;
  const risk = await nodes.startRisk();
  await way.stop();
  way = await startLoopbackProxy(portOf(risk.address), port);
  const open = degraded.filter(({ lane }) => lane === Lane.YELLOW);
  const standing = new Map<string, Buffer>();
  await eventually(
    async () => {
      for (const row of await ledgerRowsLike(nodes.database, 'OTHER-%'))
        standing.set(row.declarationId, row.record);
      const waiting = open.filter(({ declarationId }) => finalOf(standing.get(declarationId)) === undefined);
      expect(waiting.length).toBe(0);
    },
    { timeoutMs: 45_000, everyMs: 250 },
  );
  for (const first of open) {
    const again = finalOf(standing.get(first.declarationId));
    expect(again).toMatchObject({ provisional: false, revision: 2, draw: first.draw });
  }
  for (const { declarationId } of open.slice(0, 20)) {
    const retry = await border.assess(node.client, goods(declarationId, telephones));
    expect(bytesOf(retry)).toEqual(standing.get(declarationId));
  }
  const { rows } = await nodes.database.query('SELECT declaration_id FROM provisional');
  expect(rows).toEqual([]);
}

function finalOf(record: Buffer | undefined): clearanceDecision.Decision | undefined {
  const decision = record && clearanceDecision.Decision.decode(record);
  return decision?.provisional === false ? decision : undefined;
}
