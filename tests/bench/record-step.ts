import { fileURLToPath } from 'node:url';
import { databaseClock } from '@aeo/platform/clock';
import { outboxRows } from '@aeo/platform/outbox';
import type { Database } from '@aeo/platform/postgres';
import { contentHash, topics, type clearanceDecision } from '@aeo/proto';
import { postgresDecisionStore } from '../../services/clearance-priority/src/adapters/decision-store.postgres.ts';
import type { Candidate, DecisionStore } from '../../services/clearance-priority/src/ports.ts';
import { createTestDatabase } from '../setup/stack/database.ts';
import { streamMessage } from './administration.ts';
import { sampleDecision } from './assess-stream.ts';
import type { Benchmark } from './benchmark.ts';
import { compareBlocks, type Block } from './blocks.ts';
import { bareInsert, createTwins, emptyTables, writtenRows, type Written } from './twin-tables.ts';

const batchSize = 64;
const migrations = fileURLToPath(new URL('../../services/clearance-priority/migrations', import.meta.url));

/** The commit of a batch of decisions, beside inserting the very rows it wrote into equal tables with no condition. */
export const recordStepBenchmark: Benchmark = {
  name: 'record-step',
  what: 'the record step ÷ a bare loop that inserts the same rows',
  async run(site) {
    const sample = await sampleDecision(site);
    const own = await createTestDatabase(site.stack.postgresUrl, migrations);
    try {
      await createTwins(own.database);
      const store = postgresDecisionStore({
        database: own.database,
        clock: databaseClock(() => performance.now()),
        statusAgeMaxMs: 2_000,
        monotonicMs: () => performance.now(),
        outboxRow: outboxRows([topics.decision], 'clearance-priority'),
      });
      const batches = writtenBatches(own.database, store, sample);
      const comparison = await compareBlocks(batches.recording, await batches.inserting(), site.blocks);
      return [
        { ratioOf: 'record step ÷ bare insert', comparison, unit: 'decisions/s', goal: { atLeast: 0.8 } },
      ];
    } finally {
      await own.drop();
    }
  },
};

/** Both sides, and the rows of the last block of the first, which the second writes again. */
function writtenBatches(database: Database, store: DecisionStore, sample: clearanceDecision.Decision) {
  let number = 0;
  let written: Written[] = [];
  const recording: Block = async (durationMs) => {
    const first = number;
    await emptyTables(database, 'public');
    const startedMs = performance.now();
    while (performance.now() - startedMs < durationMs) {
      const outcomes = await store.record(batchOf(number, sample));
      if (outcomes.some(({ kind }) => kind !== 'recorded')) throw new Error('a decision was not recorded');
      number += 1;
    }
    const perSecond = ((number - first) * batchSize * 1_000) / (performance.now() - startedMs);
    const batches = Array.from({ length: number - first }, (_, index) => first + index);
    written = await writtenRows(database, batches.map(idsOf));
    await requireComplete(database, (number - first) * batchSize);
    return perSecond;
  };
  /** Warmed by one block of the other side, so that there are rows to write. */
  const inserting = async (): Promise<Block> => {
    await recording(500);
    return async (durationMs) => {
      await emptyTables(database, 'twin');
      const startedMs = performance.now();
      let done = 0;
      let spentMs = 0;
      while (spentMs < durationMs && done < written.length) {
        await bareInsert(database, written[done]!);
        done += 1;
        spentMs = performance.now() - startedMs;
      }
      return (done * batchSize * 1_000) / spentMs;
    };
  };
  return { recording, inserting };
}

const idsOf = (batch: number) =>
  Array.from({ length: batchSize }, (_, place) => `record-${String(batch).padStart(7, '0')}-${place}`);

function batchOf(batch: number, sample: clearanceDecision.Decision): Candidate[] {
  return idsOf(batch).map((declarationId, place) => {
    const { declaration } = streamMessage(declarationId, place).assess ?? {};
    if (declaration === undefined) throw new Error('no declaration');
    const rest = { stage: sample.stage, probe: false, correlationId: declarationId };
    const inTrace = <T>(work: () => T) => work();
    return {
      request: { declaration, contentHash: contentHash(declaration), ...rest, inTrace },
      decision: { ...sample, declarationId },
      consignment: `declaration/${declarationId}`,
      again: false,
      benefitAsOf: undefined,
    };
  });
}

/** Every recorded decision is on the ledger, once. */
async function requireComplete(database: Database, count: number): Promise<void> {
  const { rows } = await database.query<{ count: bigint }>('SELECT count(*) FROM ledger');
  if (rows[0]?.count !== BigInt(count)) throw new Error('the ledger is not complete');
}
