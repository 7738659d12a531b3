import { createHmac } from 'node:crypto';
import { clearanceDecision, common, declaration, type clearanceService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { homeIdentifier } from '../../infra/main-job/declarations/declaration-message.ts';
import {
  recordedAssessments,
  ledgerRowsLike,
  assessRequestOf,
} from '../setup/services/recorded-assessments.ts';
import {
  startDecisionNodes,
  type DecisionNode,
  type DecisionNodes,
} from '../setup/services/decision-nodes.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { faultSeed, scaled, testLimitMs } from '../setup/faults/fault-plan.ts';

const { Lane, PartyRole } = common;
const versions = 10;
const declarations = scaled(30, 300);
const shipment = (n: number) => `SHIP-${faultSeed}-${n}`;
const border = recordedAssessments();
const sources = () => ({
  boundMs: 2_000,
  administrations: [nodes.source],
  transcripts: border.transcript.entries,
});

let nodes: DecisionNodes;
let two: DecisionNode[];

beforeAll(async () => {
  // So many are drawn that both kinds are among a few declarations.
  nodes = await startDecisionNodes(inject('stack'), { FLOOR_PPM: '300000' });
  two = [await nodes.startNode('one'), await nodes.startNode('other')];
}, 90_000);
afterAll(async () => {
  await expectSound(sources());
  await nodes.stop();
}, 60_000);

/** A version with another consignee and other goods than the one before. */
function amendment(declarationId: string, version: number, transportDocument: string) {
  const parties = [
    { role: PartyRole.IMPORTER, identifier: homeIdentifier('IMPORTER') },
    { role: PartyRole.CONSIGNEE, identifier: homeIdentifier(`CONSIGNEE${version}`) },
  ];
  const item = { number: 1, hs6: `85171${version % 10}`, netMassGrams: BigInt(version * 1_000) };
  return assessRequestOf({
    declarationId,
    version,
    transportDocument,
    parties: parties.map((party) => declaration.Party.fromPartial(party)),
    items: [declaration.Item.fromPartial(item)],
  });
}

type Draw = clearanceDecision.RandomDraw;

/** Each version goes to the other node than the one before, once that one is answered. */
async function drawsOf(questions: clearanceService.AssessRequest[]): Promise<Draw[]> {
  const draws: Draw[] = [];
  for (const [index, question] of questions.entries()) {
    const { decision } = await border.assess(two[index % 2]!.client, question);
    const draw = decision!.draw!;
    if (draw.selected) expect(decision?.lane).toBe(Lane.RED);
    draws.push(draw);
  }
  return draws;
}

const each = <T>(make: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: declarations }, (_, n) => make(n)));
const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

test(
  'ten versions of a declaration, and another declaration of the same consignment, share one random draw',
  async () => {
    const all = await each((n) =>
      drawsOf([
        ...upTo(versions).map((version) => amendment(`KEPT-${n}`, version, shipment(n))),
        amendment(`ANEW-${n}`, 1, shipment(n)),
      ]),
    );
    for (const [n, [first, ...rest]] of all.entries()) {
      expect(rest).toEqual(rest.map(() => first));
      expect(first?.valuePpm).toBe(valueOf(first!.day, `transport-document/${shipment(n)}`));
    }
    expect(new Set(all.map(([first]) => first?.selected))).toEqual(new Set([true, false]));
  },
  testLimitMs(60_000),
);

/** What the rule says: the first 64 bits of HMAC(HMAC(master, day), consignment), in millionths. */
function valueOf(day: string, consignment: string): number {
  const key = createHmac('sha256', Buffer.from(nodes.drawKey, 'base64')).update(day).digest();
  const bits = createHmac('sha256', key).update(consignment).digest().readBigUInt64BE(0);
  return Number((bits * 1_000_000n) >> 64n);
}

test(
  'a declaration that was selected stays selected by the same draw when its transport document changes',
  async () => {
    const all = await each((n) =>
      drawsOf(
        upTo(versions).map((version) =>
          amendment(`MOVED-${n}`, version, `MOVED-${faultSeed}-${n}-${version}`),
        ),
      ),
    );
    for (const draws of all) {
      const from = draws.findIndex(({ selected }) => selected);
      if (from >= 0) expect(draws.slice(from)).toEqual(draws.slice(from).map(() => draws[from]));
    }
    expect(all.some(([first]) => first?.selected)).toBe(true);
    expect(all.some(([first, ...rest]) => !first?.selected && rest.some(({ selected }) => selected))).toBe(
      true,
    );
  },
  testLimitMs(60_000),
);

test(
  'a third version is selected if either of two concurrent versions was',
  async () => {
    const selected = await each(async (n) => {
      const [one, other] = two as [DecisionNode, DecisionNode];
      await Promise.all([
        border.assess(one.client, amendment(`BOTH-${n}`, 1, `BOTH-${faultSeed}-${n}-1`)),
        border.assess(other.client, amendment(`BOTH-${n}`, 2, `BOTH-${faultSeed}-${n}-2`)),
      ]);
      const [next] = await drawsOf([amendment(`BOTH-${n}`, 3, `BOTH-${faultSeed}-${n}-3`)]);
      return next!.selected;
    });
    const ledger = (await ledgerRowsLike(nodes.database, 'BOTH-%')).filter(({ version }) => version < 3);
    const drawn = ledger.filter(({ record }) => clearanceDecision.Decision.decode(record).draw?.selected);
    expect(drawn.length).toBeGreaterThan(0);
    expect(drawn.filter(({ declarationId }) => !selected[Number(declarationId.split('-')[1])])).toEqual([]);
  },
  testLimitMs(60_000),
);
