import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { observe } from '@aeo/platform/metrics';
import { startPeriodic } from '@aeo/platform/periodic';
import type { SuspensionIndex } from '../../domain/status-view/suspension-index.ts';
import type { Decision } from '../../domain/decision/settle.ts';
import {
  createLedgerBalance,
  type Imbalance,
  type LedgerBalance,
  type Window,
  type WindowCounts,
} from '../../domain/ledger/ledger-balance.ts';

type Benefit = { key: string; decidedAt: Date; decision: Decision };

export type LedgerWatchPorts = {
  /** The database's time. */
  now: () => Promise<Date>;
  count: (window: Window) => Promise<WindowCounts>;
  /** Benefits that were recorded after a time, of the operators named; the newest where they are many. */
  benefitsOf: (operatorIds: readonly string[], after: Date) => Promise<Benefit[]>;
  /** Events of decisions that were ever written to their topic. */
  written: () => Promise<bigint>;
  suspensions: SuspensionIndex;
  logger: Pick<Logger, 'warn' | 'error'>;
};

const balanceEveryMs = 60_000;
const benefitsEveryMs = 10_000;
/** A statement ends within this time, so that nothing is recorded any more with a time before it. */
const settledMs = 10_000;

/**
 * Checks the ledger outside the path of decisions: each minute whether decisions, ledger, seals and events
 * balance, and every ten seconds whether an operator had a benefit that its suspension should have prevented.
 */
export function watchLedger(ports: LedgerWatchPorts): Stoppable {
  const balance = createBalanceRound(ports);
  const benefits = createBenefitRound(ports);
  const unobserve = [
    observe('aeo.ledger.imbalance', () =>
      Object.entries(balance.imbalance()).map(([between, value]) => ({ value, attributes: { between } })),
    ),
    observe('aeo.benefit.after_suspension', () => [{ value: benefits.found(), attributes: {} }]),
  ];
  const onError = (error: unknown) =>
    ports.logger.warn('the ledger cannot be checked now', { reason: toAppError(error).reason });
  const checks = [
    { name: 'ledger balance', round: balance.round, everyMs: balanceEveryMs },
    { name: 'ledger benefits', round: benefits.round, everyMs: benefitsEveryMs },
  ].map((check) => startPeriodic({ ...check, firstMs: 0, onError }));
  return {
    name: 'ledger watch',
    stop: async () => {
      unobserve.forEach((end) => end());
      await Promise.all(checks.map((check) => check.stop()));
    },
  };
}

/** Checks what was decided since the last round, and what did not balance then. */
export function createBalanceRound({ now, count, written, logger }: LedgerWatchPorts) {
  let balance: LedgerBalance | undefined;
  let writtenAtStart = 0n;
  const begin = async () => {
    // In this order: every event of what is decided after that time is written after that number was read.
    writtenAtStart = await written();
    return createLedgerBalance((await now()).getTime());
  };
  const imbalance = (): Imbalance =>
    balance?.imbalance() ?? { decision_ledger: 0, ledger_seal: 0, ledger_event: 0 };
  const round = async () => {
    balance ??= await begin();
    for (const window of balance.open()) balance.counted(window, await count(window), true);
    const closedMs = (await now()).getTime() - settledMs;
    for (let window = balance.next(closedMs); window !== undefined; window = balance.next(closedMs))
      balance.counted(window, await count(window), false);
    balance.published(Number((await written()) - writtenAtStart));
    const rows = Object.values(balance.imbalance()).reduce((sum, value) => sum + value, 0);
    if (rows > 0) logger.error('decisions, ledger, seals and events do not balance', { rows });
  };
  return { round, imbalance };
}

const recentMs = 60_000;
const reportedForMs = 3_600_000;

/** Checks the benefits of suspended operators once. Findings are reported for an hour. */
export function createBenefitRound({ now, benefitsOf, suspensions, logger }: LedgerWatchPorts) {
  const found = new Map<string, number>();
  const round = async () => {
    const nowMs = (await now()).getTime();
    for (const [key, decidedMs] of found) if (decidedMs < nowMs - reportedForMs) found.delete(key);
    const operatorIds = suspensions.operatorIds();
    if (operatorIds.length === 0) return;
    // A suspension that was received late is compared with what was recorded before.
    const earliestMs = Math.min(suspensions.takeEarliestMs() ?? nowMs, nowMs - recentMs);
    const after = new Date(Math.max(earliestMs - 1, nowMs - reportedForMs));
    const before = found.size;
    for (const benefit of await benefitsOf(operatorIds, after))
      if (wasSuspended(suspensions, benefit)) found.set(benefit.key, benefit.decidedAt.getTime());
    if (found.size > before)
      logger.error('benefits were recorded after a suspension', { rows: found.size - before });
  };
  return { round, found: () => found.size };
}

function wasSuspended(suspensions: SuspensionIndex, { decidedAt, decision }: Benefit): boolean {
  return decision.assessments.some(({ creditedMatch }) => {
    const match = decision.matches[creditedMatch];
    return match !== undefined && suspensions.isSuspended(match, decidedAt);
  });
}
