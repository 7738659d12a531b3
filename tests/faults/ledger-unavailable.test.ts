import { readdirSync } from 'node:fs';
import { common, declaration } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { homeIdentifier } from '../../infra/main-job/declarations/declaration-message.ts';
import {
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
import { between, waitForFault, testLimitMs } from '../setup/faults/fault-plan.ts';
import { startLoopbackProxy, type LoopbackProxy } from '../setup/faults/loopback-proxy.ts';

const { NoBenefitReason, PartyRole } = common;
const border = recordedAssessments();
const sources = () => ({
  boundMs: 2_000,
  administrations: [nodes.source],
  transcripts: border.transcript.entries,
});
const trader = homeIdentifier('TRUSTED');
const deadlineMs = 1_000;

let nodes: DecisionNodes;
let way: LoopbackProxy;
let node: DecisionNode;

beforeAll(async () => {
  nodes = await startDecisionNodes(inject('stack'));
  way = await startLoopbackProxy(nodes.databasePort);
  node = await nodes.startNode('node', { proxyPort: way.port });
  await certifiedTrader(nodes.registryClient, trader);
  let tries = 0;
  await eventually(async () => {
    const answer = await border.assess(node.client, byTrader(`WITH-LEDGER-${(tries += 1)}`));
    expect(creditOf(answer)).toBeGreaterThan(0);
  });
}, 90_000);
afterAll(async () => {
  await nodes.stop();
  await way.stop();
}, 60_000);

const byTrader = (declarationId: string) =>
  assessRequestOf({
    declarationId,
    parties: [declaration.Party.fromPartial({ role: PartyRole.IMPORTER, identifier: trader })],
  });

/** Everyone is answered, provisionally, without benefit and without a record. */
async function askWithoutLedger(prefix: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
  const stream = border.openStream(node.client);
  const answers = await Promise.all(ids.map((id) => stream.assess(byTrader(id), deadlineMs)));
  stream.end();
  for (const answer of answers) {
    expect(answer.decidedAt).toBeUndefined();
    expect(creditOf(answer)).toBe(0);
    expect(answer.decision).toMatchObject({ provisional: true });
    expect(answer.decision?.noBenefit).toContain(NoBenefitReason.LEDGER_UNAVAILABLE);
  }
  return ids;
}

const countedBy = async (by: DecisionNode) =>
  Number(/^aeo_decision_unrecorded_total(?:\{[^}]*\})? (\d+)/m.exec(await by.metrics())?.[1] ?? 0);

test(
  'an answer without a record is counted, and recorded by the next process after a kill',
  async () => {
    expect(await countedBy(node)).toBe(0);
    way.cut();
    const answered = await askWithoutLedger('CUT', between(20, 60));
    expect(await countedBy(node)).toBe(answered.length);
    await waitForFault(0);
    way.hang();
    answered.push(...(await askWithoutLedger('HUNG', between(20, 60))));
    await waitForFault(0);
    const counted = await countedBy(node);
    await node.kill();
    expect(counted).toBe(answered.length);
    expect([
      ...(await ledgerRowsLike(nodes.database, 'CUT-%')),
      ...(await ledgerRowsLike(nodes.database, 'HUNG-%')),
    ]).toEqual([]);
    way.heal();
    node = await nodes.startNode('node', { proxyPort: way.port });
    const recorded = async () => [
      ...(await ledgerRowsLike(nodes.database, 'CUT-%')),
      ...(await ledgerRowsLike(nodes.database, 'HUNG-%')),
    ];
    await eventually(async () => {
      const ids = new Set((await recorded()).map(({ declarationId }) => declarationId));
      expect([...ids].sort()).toEqual([...answered].sort());
    });
    await eventually(() => expect(readdirSync(node.spoolFolder)).toEqual([]));
    for (const id of answered) {
      const standing = (await ledgerRowsLike(nodes.database, id)).at(-1);
      expect(bytesOf(await border.assess(node.client, byTrader(id)))).toEqual(standing?.record);
    }
    expect(await countedBy(node)).toBe(0);
    await expectSound(sources());
  },
  testLimitMs(60_000),
);
