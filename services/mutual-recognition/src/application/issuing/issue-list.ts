import { AppError } from '@aeo/platform/errors';
import { headerText, inOrder, type ListHeader } from '../../domain/list/list.ts';
import { nextHeader } from '../../domain/list/next-list.ts';
import { rowOf } from '../../domain/list/own-row.ts';
import type { Ports } from '../../ports.ts';

export type IssuePorts = Pick<Ports, 'arrangement' | 'withArrangement' | 'ownOperators' | 'signer' | 'now'>;

/** The rows of so many lists are kept; of older ones the signed header is, which holds their digest. */
const rowsKept = 10;

/** Signs the present status of our operators as the next list, or returns the last one while that still serves. */
export async function issueNextList({
  arrangement,
  withArrangement,
  ownOperators,
  signer,
  now,
}: IssuePorts): Promise<ListHeader> {
  const operators = await ownOperators();
  const at = now();
  const rows = inOrder(operators.flatMap((operator) => rowOf(operator, arrangement, at) ?? []));
  return withArrangement(arrangement.id, async ({ issued }) => {
    const last = await issued.findLast();
    const next = nextHeader(last, rows, arrangement, at);
    if (next !== undefined)
      await issued.save({ header: next, rows, signature: await signer.sign(headerText(next)) }, rowsKept);
    const header = next ?? last;
    if (header === undefined) throw new AppError('internal', 'INTERNAL', 'no list was made');
    return header;
  });
}
