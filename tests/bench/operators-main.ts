import { contentHash, clearanceDecision, common, declaration, registryStatus, riskService } from '@aeo/proto';
import {
  candidateOf,
  type DecidingPorts,
} from '../../services/clearance-priority/src/application/deciding/decision-candidate.ts';
import {
  createNodeState,
  type NodeState,
} from '../../services/clearance-priority/src/application/status-view/node-state.ts';
import type { Request } from '../../services/clearance-priority/src/ports.ts';
import { seededRandom } from '../../infra/main-job/report/statistics.ts';
import type { Finding } from './benchmark.ts';
import { compareBlocks, compared, type Block, type BlockSettings } from './blocks.ts';

const { CertificateStatus, Direction, PartyRole, Purpose, Stage, TransportMode } = common;
const country = 'XA';
const few = 10_000;
const many = 1_000_000;
const purpose = Purpose.FISCAL_COMPLIANCE;
const now = new Date('2026-06-01T12:00:00Z');

/**
 * The fields of one operator as tightly as they can lie: two UUIDs, the identifier's value, a byte each for its scheme
 * and country, epoch and number of the version, three times in seconds, and the number of what certificates share.
 */
const identifierBytes = 11;
const packedBytes = 16 + 16 + identifierBytes + 2 + 6 + 3 * 4 + 2;

/** Prints the findings as JSON; its argument are the settings of the blocks. Wants node --expose-gc. */
const settings = JSON.parse(process.argv[2] ?? '') as BlockSettings;
const small = nodeStateOf(few);
const before = memoryInUse();
const large = nodeStateOf(many);
const bytes = (memoryInUse() - before) / many;
const findings: Finding[] = [
  {
    ratioOf: 'decision at 1,000,000 ÷ 10,000 operators, CPU',
    comparison: await compareBlocks(deciding(large, many), deciding(small, few), settings),
    unit: 'µs/decision',
    goal: { atMost: 1.05 },
  },
  {
    ratioOf: 'memory of an operator ÷ packed bytes of its fields',
    comparison: compared([[bytes, packedBytes]]),
    unit: 'bytes/operator',
    goal: { atMost: 1.3 },
  },
];
process.stdout.write(JSON.stringify(findings));

/** What is held after everything that can be let go is gone: heap and buffers beside it. */
function memoryInUse(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

/** A node fresh by its clock that knows so many certified operators. */
function nodeStateOf(count: number): NodeState {
  const nodeState = createNodeState({
    country,
    partitions: { registry: 1, exchange: 1 },
    compile: () => () => ({ outcome: 'not_met', factsRead: [] }),
  });
  for (let index = 0; index < count; index += 1) {
    const bytes = registryStatus.OperatorStatus.encode(statusOf(index)).finish();
    nodeState.view.applyOperator(registryStatus.OperatorStatus.decode(bytes));
  }
  nodeState.freshness.heartbeat('registry', 0, now.getTime());
  nodeState.freshness.heartbeat('exchange', 0, now.getTime());
  const computed = { computedAt: undefined, windowEndsOn: '', windowDays: 30, capacityPermille: 100 };
  const pooled = { red: 300, yellow: 200, windowDeclarations: 0n, windowSelected: 0n };
  nodeState.thresholds.apply({ purpose, version: 1n, ...computed, pooled, offices: [] });
  return nodeState;
}

function statusOf(index: number): registryStatus.OperatorStatus {
  const credit = (role: common.PartyRole, sharePermille: number) => ({ purpose, role, sharePermille });
  return registryStatus.OperatorStatus.fromPartial({
    source: 'registry',
    operatorId: uuidOf(index),
    version: { epoch: 1n, number: 3n },
    identifiers: [{ identifier: identifierOf(index) }],
    sizeClass: common.SizeClass.SMALL,
    components: [
      {
        component: 'compliance',
        certificateId: uuidOf(index + many),
        programmeId: 'demonstration',
        programmeVersion: 1,
        tier: 'tier-1',
        status: CertificateStatus.ACTIVE,
        validated: true,
        validity: { validFrom: new Date('2025-01-01'), validUntil: new Date('2028-01-01') },
        times: { effectiveFrom: new Date('2025-01-01') },
        purposes: [purpose],
        credits: [credit(PartyRole.IMPORTER, 650), credit(PartyRole.DECLARANT, 325)],
      },
    ],
    publishedAt: now,
  });
}

function identifierOf(index: number): common.Identifier {
  return common.Identifier.fromPartial({
    scheme: 'test-id',
    country,
    value: `XA${String(index).padStart(identifierBytes - 2, '0')}`,
  });
}

function uuidOf(index: number): string {
  const hex = index.toString(16).padStart(12, '0');
  return `0198b7a2-${hex.slice(0, 4)}-7${hex.slice(4, 7)}-8${hex.slice(7, 10)}-${hex}`;
}

/** CPU µs of one whole decision: matching two certified parties and a stranger, judging, and encoding the record. */
function deciding(nodeState: NodeState, count: number): Block {
  const random = seededRandom(count);
  const ports: DecidingPorts = {
    clock: { read: () => ({ nowMs: now.getTime(), errorMs: 0 }) },
    nodeState,
    settings: { drawMasterKey: Buffer.alloc(32, 1), floorPpm: 10_000, statusAgeMaxMs: 2_000 },
  };
  const score = riskService.Score.fromPartial({ scores: [{ purpose, base: 250, modelId: 'm' }] });
  const basis = { known: undefined, score, refusedSources: [] };
  let number = 0;
  return async (durationMs) => {
    const startedMs = performance.now();
    const before = process.cpuUsage();
    const first = number;
    while (performance.now() - startedMs < durationMs) {
      number += 1;
      const [importer, declarant] = [Math.floor(random() * count), Math.floor(random() * count)];
      const { decision } = candidateOf(ports, requestOf(number, importer, declarant), basis, false);
      clearanceDecision.Decision.encode(decision).finish();
      requireCredit(decision, importer);
    }
    const { user, system } = process.cpuUsage(before);
    await new Promise(setImmediate);
    return (user + system) / (number - first);
  };
}

/** @throws Error unless the importer's certificate, and no other, took its credit from the score */
function requireCredit(decision: clearanceDecision.Decision, importer: number): void {
  const [assessment] = decision.assessments;
  const credited = decision.matches[assessment?.creditedMatch ?? -1];
  if (credited?.operatorId !== uuidOf(importer) || assessment?.effective !== 250 - assessment!.credit)
    throw new Error(`the certificate of operator ${importer} did not count`);
}

function requestOf(number: number, importer: number, declarant: number): Request {
  const declared = declaration.Declaration.fromPartial({
    declarationId: `d${number}`,
    version: 1,
    office: '10',
    declaredOn: '2026-06-01',
    direction: Direction.IMPORT,
    transportMode: TransportMode.SEA,
    parties: [
      { role: PartyRole.IMPORTER, identifier: identifierOf(importer) },
      { role: PartyRole.DECLARANT, identifier: identifierOf(declarant) },
      { role: PartyRole.SELLER, identifier: { scheme: 'test-id', country: 'XB', value: 'S1' } },
    ],
  });
  const rest = { stage: Stage.PRESENTATION, probe: false, correlationId: '' };
  const inTrace = <T>(work: () => T) => work();
  return { declaration: declared, contentHash: contentHash(declared), ...rest, inTrace };
}
