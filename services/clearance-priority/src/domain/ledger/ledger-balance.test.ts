import { expect, test } from 'vitest';
import { createLedgerBalance, type Window } from './ledger-balance.ts';

const minute = 60_000;
const start = 100 * minute;
const counts = { unpaired: 0, unsealed: 0, recorded: 0, waiting: 0 };

function balanceAt(startMs: number, closedMs: number) {
  const balance = createLedgerBalance(startMs);
  for (let window = balance.next(closedMs); window !== undefined; window = balance.next(closedMs))
    balance.counted(window, counts, false);
  return balance;
}

test('windows follow one another without a gap, a minute at most, and none is open at its end', () => {
  const balance = createLedgerBalance(start);
  const windows: Window[] = [];
  for (let window = balance.next(start + 90_000); window; window = balance.next(start + 90_000)) {
    windows.push(window);
    balance.counted(window, counts, false);
  }
  expect(windows[0]?.fromMs).toBe(start - 10 * minute);
  expect(windows.at(-1)?.untilMs).toBe(start + 90_000);
  windows.forEach(({ fromMs, untilMs }, index) => {
    expect(untilMs - fromMs).toBeLessThanOrEqual(minute);
    expect(fromMs).toBe(windows[index - 1]?.untilMs ?? fromMs);
  });
  expect(balance.imbalance()).toEqual({ decision_ledger: 0, ledger_seal: 0, ledger_event: 0 });
});

test('a window that does not balance is reported until it does', () => {
  const balance = balanceAt(start, start);
  const window = balance.next(start + minute)!;
  balance.counted(window, { ...counts, unpaired: 2, unsealed: 1 }, false);
  expect(balance.imbalance()).toMatchObject({ decision_ledger: 2, ledger_seal: 1 });
  expect(balance.open()).toEqual([window]);
  balance.counted(window, counts, true);
  expect(balance.imbalance()).toMatchObject({ decision_ledger: 0, ledger_seal: 0 });
  expect(balance.open()).toEqual([]);
});

test('an event that is neither published nor in the outbox is missing, one from before the start is not counted', () => {
  const balance = createLedgerBalance(start);
  for (let window = balance.next(start); window; window = balance.next(start))
    balance.counted(window, { ...counts, recorded: 50 }, false);
  balance.published(0);
  expect(balance.imbalance().ledger_event).toBe(0);
  balance.counted(balance.next(start + minute)!, { ...counts, recorded: 10, waiting: 3 }, false);
  balance.published(7);
  expect(balance.imbalance().ledger_event).toBe(0);
  balance.counted(balance.next(start + 2 * minute)!, { ...counts, recorded: 5, waiting: 1 }, false);
  balance.published(12);
  expect(balance.imbalance().ledger_event).toBe(2);
  balance.published(14);
  expect(balance.imbalance().ledger_event).toBe(0);
});
