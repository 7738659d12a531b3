import { createPublicKey } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { sealedAudit } from '@aeo/aeo-registry';
import { sealedLedger } from '@aeo/clearance-priority';
import { sealedLists } from '@aeo/mutual-recognition';
import { connectKafka } from '@aeo/platform/kafka';
import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { verifyChain, type ChainProof, type SealedHead } from '@aeo/platform/proof';
import { fileSigningKey } from '@aeo/platform/signing-key';
import { common, topics } from '@aeo/proto';
import type { ServiceAccess } from '../../local/services/service-process.ts';
import type { Endpoints } from '../../local/stack-types.ts';
import { administration } from '../services/administrations.ts';
import { retryWhileUnavailable } from '../retry-while-unavailable.ts';
import type { HomeAccess } from '../services/home-services.ts';

/** Whether the records are as they were sealed, by stream, with the problems. */
export type RecordsProof = {
  valid: boolean;
  streams: Record<string, { leaves: number; heads: number; problems: string[] }>;
};

/** Verifies ledger, audit rows and lists of our administration against their sealed heads, also the published ones. */
export async function verifyRecords(
  stack: Pick<Endpoints, 'kafkaBrokers'>,
  home: HomeAccess,
): Promise<RecordsProof> {
  const chains: [proof: ChainProof, service: ServiceAccess][] = [
    [sealedLedger, home.clearance],
    [sealedAudit, home.registry],
    [sealedLists, home.exchange],
  ];
  const proof: RecordsProof = { valid: true, streams: {} };
  const published = await newestHeads(stack);
  for (const [chain, { databaseUrl: url, proofKeyFile }] of chains) {
    const key = createPublicKey(fileSigningKey(proofKeyFile));
    const settings = {
      url,
      applicationName: 'main-job',
      connectionsMax: 1,
      statementTimeoutMs: 60_000,
    };
    const database = await retryWhileUnavailable(() => connectPostgres(settings));
    try {
      await untilSealed(database);
      const report = await verifyChain(database, chain, key, published.get(chain.stream));
      // A stream without records has no head.
      proof.valid &&= report.valid && (report.heads === 0n || published.has(chain.stream));
      proof.streams[chain.stream] = {
        leaves: Number(report.leaves),
        heads: Number(report.heads),
        problems: report.problems,
      };
    } finally {
      await database.stop();
    }
  }
  return proof;
}

const sealWaitMs = 10_000;

/** What was recorded a moment ago is sealed within a second or two. */
async function untilSealed(database: Database): Promise<void> {
  for (const endMs = Date.now() + sealWaitMs; Date.now() < endMs; await pause(100)) {
    const { rowCount } = await database.query('SELECT 1 FROM proof_pending LIMIT 1');
    if (rowCount === 0) return;
  }
}

/** The newest published head of each stream: an anchor outside the databases. */
async function newestHeads(stack: Pick<Endpoints, 'kafkaBrokers'>): Promise<Map<string, SealedHead>> {
  const heads = new Map<string, SealedHead>();
  const kafka = await connectKafka({
    brokers: stack.kafkaBrokers.split(','),
    administration,
    clientId: 'main-job',
    log: () => undefined,
  });
  const reader = await kafka.broadcast({
    topics: [topics.clearanceHead.name, topics.registryHead.name, topics.exchangeHead.name],
    onRecord: ({ value }) => {
      const { sealedAt, ...head } = common.SealedHead.decode(value);
      heads.set(head.stream, {
        ...head,
        root: Buffer.from(head.root),
        previousHash: Buffer.from(head.previousHash),
        signature: Buffer.from(head.signature),
        sealedAt: sealedAt ?? new Date(0),
      });
    },
  });
  await reader.ready;
  await reader.stop();
  await kafka.stop();
  return heads;
}
