/** What a window of decisions holds; the counts are of one moment. */
export type WindowCounts = {
  /** Decision keys without a ledger row, and ledger rows without a key. */
  unpaired: number;
  /** Ledger rows that no seal covers, nor is about to. */
  unsealed: number;
  /** Ledger rows. */
  recorded: number;
  /** Events that wait in the outbox, whatever decision they are of. */
  waiting: number;
};

/** Decided after `fromMs`, up to and with `untilMs`, by the database's clock. */
export type Window = { fromMs: number; untilMs: number };

export type Imbalance = { decision_ledger: number; ledger_seal: number; ledger_event: number };

/**
 * What does not balance. Windows that did not are kept, to be looked at again until they do.
 *
 * Decisions, ledger and seals are compared row by row. Events are compared by number, from the start of the check on:
 * as many must have been written to the topic as rows were recorded, less those that wait in the outbox. A relay may
 * publish twice, which hides as many losses; no row is found to be lost that is not.
 */
export type LedgerBalance = {
  /** The next window of at most a minute that is closed; undefined when all were looked at. */
  next(closedMs: number): Window | undefined;
  /** Windows to look at again. */
  open(): Window[];
  /** @param again the window was one of `open` */
  counted(window: Window, counts: WindowCounts, again: boolean): void;
  /** @param written events written to the topic since the start, asked for after the last count */
  published(written: number): void;
  imbalance(): Imbalance;
};

const windowMs = 60_000;
/** How far back the first windows lie. */
const lookBackMs = 600_000;
const openMax = 100;

/** @param startMs by the database's clock, read after the number of events that `published` counts from */
export function createLedgerBalance(startMs: number): LedgerBalance {
  let lookedAtMs = startMs - lookBackMs;
  let recorded = 0;
  let waiting = 0;
  let missingEvents = 0;
  const unbalanced = new Map<number, { window: Window; counts: WindowCounts }>();
  const sum = (of: (counts: WindowCounts) => number) =>
    [...unbalanced.values()].reduce((total, { counts }) => total + of(counts), 0);
  return {
    next: (closedMs) => {
      const untilMs = Math.min(lookedAtMs + windowMs, closedMs, lookedAtMs < startMs ? startMs : Infinity);
      return untilMs > lookedAtMs ? { fromMs: lookedAtMs, untilMs } : undefined;
    },
    open: () => [...unbalanced.values()].map(({ window }) => window),
    counted: (window, counts, again) => {
      if (!again) {
        lookedAtMs = window.untilMs;
        if (window.fromMs >= startMs) recorded += counts.recorded;
        waiting = counts.waiting;
      }
      const balanced = counts.unpaired === 0 && counts.unsealed === 0;
      if (balanced) unbalanced.delete(window.fromMs);
      else if (again || unbalanced.size < openMax) unbalanced.set(window.fromMs, { window, counts });
    },
    published: (written) => void (missingEvents = Math.max(0, recorded - waiting - written)),
    imbalance: () => ({
      decision_ledger: sum(({ unpaired }) => unpaired),
      ledger_seal: sum(({ unsealed }) => unsealed),
      ledger_event: missingEvents,
    }),
  };
}
