import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { AppError, toAppError } from './errors.ts';
import type { Stoppable } from './lifecycle.ts';
import { recordDuration } from './metrics.ts';

type Statement = string | { name: string; text: string };

type QueryResult<Row> = { rows: Row[]; rowCount: number };

/** Runs statements. 64-bit integers come back as bigint, errors as AppError. */
export type Queryable = {
  query<Row = Record<string, unknown>>(
    statement: Statement,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
};

/** One database transaction. Callbacks given to `afterCommit` run once the commit was answered. */
export type Transaction = Queryable & { afterCommit(callback: () => void): void };

export type Database = Queryable &
  Stoppable & {
    transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  };

export type PostgresSettings = {
  url: string;
  applicationName: string;
  connectionsMax?: number;
  /** A statement that takes longer is cancelled by the server; half a second later the client gives up waiting. */
  statementTimeoutMs?: number;
};

/**
 * Connects a pool and proves that the database answers.
 *
 * @throws AppError `unavailable` when it does not
 */
export async function connectPostgres(settings: PostgresSettings): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: settings.url,
    application_name: settings.applicationName,
    max: settings.connectionsMax ?? 8,
    statement_timeout: settings.statementTimeoutMs ?? 5_000,
    // A server that hangs, or a connection that leads nowhere any more, cancels nothing: the client must.
    query_timeout: (settings.statementTimeoutMs ?? 5_000) + clientGraceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    connectionTimeoutMillis: 2_000,
    types: { getTypeParser },
  });
  // A connection that dies while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  const database: Database = {
    name: 'postgres',
    query: (statement, values) => run(pool, statement, values),
    transaction: (work) => transact(pool, work),
    stop: () => pool.end(),
  };
  await database.query('SELECT 1');
  return database;
}

const clientGraceMs = 500;
const sessionQueryMaxMs = 10_000;
const closeMaxMs = 1_000;

/** A connection of its own, for locks that last as long as a session. */
export async function connectSession(
  url: string,
  applicationName: string,
): Promise<Queryable & Stoppable & Session> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    connectionTimeoutMillis: 2_000,
    query_timeout: sessionQueryMaxMs,
    types: { getTypeParser },
  });
  // A connection may fail more than once; an error without a listener ends the process.
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.once('end', () => lost.abort());
  await client.connect().catch((error: unknown) => {
    throw postgresError(error);
  });
  return {
    name: 'postgres session',
    query: (statement, values) => run(client, statement, values),
    // A server that hangs does not answer the goodbye either.
    stop: () => Promise.race([client.end(), pause(closeMaxMs, undefined, { ref: false })]),
    lost: lost.signal,
  };
}

/** `lost` is aborted when the connection has ended, by either side. */
export type Session = { lost: AbortSignal };

async function transact<T>(pool: pg.Pool, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw postgresError(error);
  });
  // While a connection is taken, the pool does not listen for its errors; the statement under way fails anyway.
  const ignore = () => undefined;
  client.on('error', ignore);
  const callbacks: (() => void)[] = [];
  let broken = false;
  const query: Queryable['query'] = (statement, values) =>
    run<never>(client, statement, values).catch((error: unknown) => {
      broken ||= isUnanswered(error);
      throw error;
    });
  try {
    await query('BEGIN');
    const result = await work({ query, afterCommit: (callback) => void callbacks.push(callback) });
    await query('COMMIT');
    callbacks.forEach((callback) => callback());
    return result;
  } catch (error) {
    // A rollback behind a statement without an answer gets none either; the server ends a silent transaction itself.
    broken ||= await run(client, 'ROLLBACK').then(
      () => false,
      () => true,
    );
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

const unansweredMessage = 'Query read timeout';

/** The client stopped waiting: the connection may still be busy with the statement, and cannot be used again. */
function isUnanswered(error: unknown): boolean {
  return error instanceof AppError && error.message === unansweredMessage;
}

async function run<Row>(
  client: pg.Pool | pg.ClientBase,
  statement: Statement,
  values: readonly unknown[] = [],
): Promise<QueryResult<Row>> {
  const query = typeof statement === 'string' ? { text: statement } : statement;
  const startedMs = performance.now();
  let failed: { 'error.type'?: string } = {};
  try {
    const result = await client.query<pg.QueryResultRow>({ ...query, values: [...values] });
    return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
  } catch (error) {
    const failure = postgresError(error);
    failed = { 'error.type': failure.code };
    throw failure;
  } finally {
    recordDuration('db.client.operation.duration', startedMs, {
      'db.query.summary': summaryOf(statement),
      ...failed,
    });
  }
}

/** The name of a statement, or its first word: few of either, and never a value. */
function summaryOf(statement: Statement): string {
  if (typeof statement !== 'string') return statement.name;
  return /^\s*(\w+)/.exec(statement)?.[1]?.toUpperCase() ?? 'other';
}

const int8 = 20;

function getTypeParser(type: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (type === int8) return BigInt;
  return pg.types.getTypeParser(type, format ?? 'text') as (value: string) => unknown;
}

/**
 * By SQLSTATE class: servers that are lost, full, broken, or refuse the connection are `unavailable`, as waiting may
 * help. So are 25006, a server that became a standby meanwhile, and 25P03, a transaction that the server ended because
 * it was silent for too long. 40 and unique violations are conflicts.
 */
export function postgresError(error: unknown): AppError {
  const state = (error as { code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  if (typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state)) {
    if (/^(08|28|3D|53|55|57|58|XX|25006|25P03)/.test(state))
      return new AppError('unavailable', 'UNAVAILABLE', message, { cause: error });
    if (state === '23505' || state.startsWith('40')) {
      return new AppError('conflict', 'VERSION_CONFLICT', message, { cause: error });
    }
    return new AppError('internal', 'INTERNAL', message, { cause: error });
  }
  return connectionLost.test(message)
    ? new AppError('unavailable', 'UNAVAILABLE', message, { cause: error })
    : toAppError(error);
}

/** The client's messages, without a code, for connections that were not made, ended, or do not answer any more. */
const connectionLost = new RegExp(
  [
    'Connection terminated',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Client has encountered',
    unansweredMessage,
  ].join('|'),
);
