import { digestOf, headerHash, sealedLists, type ListHeader } from '@aeo/mutual-recognition';
import type { Database } from '@aeo/platform/postgres';
import type {
  ExchangeState,
  HeldRow,
  IssuedRow,
  PartnerRow,
  PartnerSlot,
  ReceivedRow,
} from './audited-state.ts';
import { inDatabase } from './read-database.ts';
import { chainOf, waitingIn, type AnchorOf } from './read-chains.ts';
import type { DatabaseSource } from './sources.ts';

/** Reads lists sent, received and held, and the partner's operators; proves the lists against their sealed heads. */
export function readExchange(source: DatabaseSource, anchorOf: AnchorOf): Promise<ExchangeState> {
  return inDatabase(source.databaseUrl, async (database) => ({
    waiting: await waitingIn(database),
    received: await receivedIn(database),
    issued: await issuedIn(database),
    held: await heldIn(database),
    partners: await partnersIn(database),
    chains: [await chainOf(database, sealedLists, source.proofKeyFile, anchorOf)],
  }));
}

type ListColumns = { arrangement_id: string; sequence: bigint; header: ListHeader; header_hash: string };

function signedOf({ arrangement_id, sequence, header, header_hash }: ListColumns) {
  const { previousHash, count, digest } = header;
  return {
    arrangementId: arrangement_id,
    sequence: Number(sequence),
    named: header.sequence,
    previousHash,
    count,
    digest,
    storedHash: header_hash,
    hash: headerHash(header),
  };
}

type ReceivedColumns = ListColumns & {
  listed: number;
  partition_counts: number[];
  activated_at: Date | null;
};

async function receivedIn(database: Database): Promise<ReceivedRow[]> {
  const { rows } = await database.query<ReceivedColumns>(
    'SELECT * FROM list_received ORDER BY arrangement_id, sequence',
  );
  return rows.map(({ listed, partition_counts, activated_at, ...row }) => ({
    ...signedOf(row),
    listed,
    placed: partition_counts.reduce((sum, count) => sum + count, 0),
    activatedAt: activated_at?.getTime(),
  }));
}

async function issuedIn(database: Database): Promise<IssuedRow[]> {
  const { rows } = await database.query<ListColumns & { rows: unknown[] | null }>(
    'SELECT * FROM list_issued ORDER BY arrangement_id, sequence',
  );
  return rows.map(({ rows: listed, ...row }) => ({
    ...signedOf(row),
    kept: listed === null ? undefined : { count: listed.length, digest: digestOf(listed) },
  }));
}

async function heldIn(database: Database): Promise<HeldRow[]> {
  const { rows } = await database.query<Omit<HeldRow, 'sequence'> & { sequence: bigint }>(
    `SELECT arrangement_id AS "arrangementId", sequence, held_by AS "heldBy", decision, decided_by AS "decidedBy"
     FROM list_held LEFT JOIN list_decision USING (arrangement_id, sequence)`,
  );
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

type PartnerColumns = {
  arrangement_id: string;
  partner_operator_id: string;
  version: bigint;
  slots: PartnerSlot[];
  suspension_version: bigint;
  suspension_status: string;
};

async function partnersIn(database: Database): Promise<PartnerRow[]> {
  const { rows } = await database.query<PartnerColumns>(
    `SELECT arrangement_id, partner_operator_id, version, slots, suspension_version, suspension_status
     FROM partner_operator`,
  );
  return rows.map((row) => ({
    arrangementId: row.arrangement_id,
    operatorId: row.partner_operator_id,
    version: Number(row.version),
    slots: row.slots,
    suspensionVersion: Number(row.suspension_version),
    suspensionStatus: row.suspension_status,
  }));
}
