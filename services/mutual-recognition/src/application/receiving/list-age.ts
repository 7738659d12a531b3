import type { Stoppable } from '@aeo/platform/lifecycle';
import { observe } from '@aeo/platform/metrics';
import { startPeriodic } from '@aeo/platform/periodic';
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
  const reading = startPeriodic({
    name: 'list age',
    everyMs,
    firstMs: 0,
    round: async () => void (held = await find()),
    // While the database does not answer, the list read last stays, and its age grows.
    onError: () => undefined,
  });
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
    name: reading.name,
    stop: async () => {
      unobserve.forEach((end) => end());
      await reading.stop();
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
