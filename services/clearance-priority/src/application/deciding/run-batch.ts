import { AppError, toAppError } from '@aeo/platform/errors';

/**
 * Runs work on a batch. A batch that fails with `internal` is retried once item by item, so that only the item at fault
 * fails; any other failure is that of every item.
 */
export async function runBatch<Item, Outcome>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<Outcome[]>,
): Promise<(Outcome | AppError)[]> {
  const failure = await attempt(items, work);
  if (!(failure instanceof AppError)) return failure;
  if (failure.code !== 'internal' || items.length === 1) return items.map(() => failure);
  const outcomes: (Outcome | AppError)[] = [];
  for (const item of items) {
    const outcome = await attempt([item], work);
    outcomes.push(outcome instanceof AppError ? outcome : outcome[0]!);
  }
  return outcomes;
}

async function attempt<Item, Outcome>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<Outcome[]>,
): Promise<Outcome[] | AppError> {
  try {
    return await work(items);
  } catch (error) {
    return toAppError(error);
  }
}
