import type { Stoppable } from '@aeo/platform/lifecycle';
import { observe } from '@aeo/platform/metrics';
import type { Arrangement } from '../../domain/arrangement/arrangement.ts';
import { listIssuedAt, listValidUntil, type ListHeader } from '../../domain/list/list.ts';

type InForce = { header: ListHeader; receivedAt: Date };

const everyMs = 10_000;

/**
 * Tells how old the partner's list in force is, and how long after its issue it counts. Nothing is told before there
 * is one: an arrangement without a list gives no benefit that could end.
 */
export function watchListAge(
  arrangement: Pick<Arrangement, 'id' | 'listValidDays'>,
  find: () => Promise<InForce | undefined>,
): Stoppable {
  let held: InForce | undefined;
  // A database that does not answer leaves the list that was known, which goes on ageing.
  const look = async () => void (held = await find());
  let last = look().catch(() => undefined);
  const again = () => void (last = last.then(look).catch(() => undefined));
  const timer = setInterval(again, everyMs);
  const attributes = { arrangement: arrangement.id };
  const telling = (value: (list: InForce) => number) => () =>
    held === undefined ? [] : [{ value: value(held), attributes }];
  const unobserve = [
    observe(
      'aeo.list.age',
      telling((list) => listAge(list, Date.now())),
    ),
    observe(
      'aeo.list.interval',
      telling((list) => listInterval(list, arrangement.listValidDays)),
    ),
  ];
  return {
    name: 'list age',
    stop: async () => {
      clearInterval(timer);
      unobserve.forEach((end) => end());
      await last;
    },
  };
}

/** Seconds since the list was issued. */
export function listAge({ header, receivedAt }: InForce, nowMs: number): number {
  return Math.max(0, nowMs - listIssuedAt(header, receivedAt).getTime()) / 1000;
}

/** Seconds from the list's issue to the end of its benefits. */
export function listInterval({ header, receivedAt }: InForce, listValidDays: number): number {
  const until = listValidUntil(header, listValidDays, receivedAt);
  return (until.getTime() - listIssuedAt(header, receivedAt).getTime()) / 1000;
}
