import type { Stoppable } from '@aeo/platform/lifecycle';
import { observe } from '@aeo/platform/metrics';
import { startPeriodic } from '@aeo/platform/periodic';
import type { Arrangement } from '../../domain/arrangement/arrangement.ts';
import { listIssuedAt, listValidUntil, type ListHeader } from '../../domain/list/list.ts';

type InForce = { header: ListHeader; receivedAt: Date };

const everyMs = 10_000;

/**
 * Reports the age of the partner's list in force, and how long after its issue it counts. Nothing is reported before
 * there is one: an arrangement without a list gives no benefit that could end.
 */
export function watchListAge(
  arrangement: Pick<Arrangement, 'id' | 'listValidDays'>,
  findInForce: () => Promise<InForce | undefined>,
): Stoppable {
  let inForce: InForce | undefined;
  const reading = startPeriodic({
    name: 'list age',
    everyMs,
    firstMs: 0,
    round: async () => void (inForce = await findInForce()),
    // While the database does not answer, the list read last stays, and its age grows.
    onError: () => undefined,
  });
  const attributes = { arrangement: arrangement.id };
  const reported = (value: (list: InForce) => number) => () =>
    inForce === undefined ? [] : [{ value: value(inForce), attributes }];
  const unobserve = [
    observe(
      'aeo.list.age',
      reported((list) => listAge(list, Date.now())),
    ),
    observe(
      'aeo.list.interval',
      reported((list) => listInterval(list, arrangement.listValidDays)),
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
