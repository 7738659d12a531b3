type IdPair = readonly [string, string];

/**
 * A page of a list in the order of two ids; the cursor is those of the last item of the page before, empty for the first
 * page. The page that is not full is the last one.
 */
export async function pageByIdPair<Item>(
  { limit, cursor }: { limit: number; cursor: string },
  list: (after: IdPair, limit: number) => Promise<Item[]>,
  idsOf: (item: Item) => IdPair,
): Promise<{ items: Item[]; nextCursor: string | undefined }> {
  const [first = '', second = ''] = cursor.split('/');
  const items = await list([first, second], limit);
  const last = items.length < limit ? undefined : items.at(-1);
  return { items, nextCursor: last && idsOf(last).join('/') };
}
