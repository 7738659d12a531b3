import { expect, test } from 'vitest';
import { common } from '../../domain/vocabulary.ts';
import type { KeyPage } from '../../ports.ts';
import { getBenefits, type BenefitsQuery } from './get-benefits.ts';

const offices = ['', '10', '20', '30'];
const store = {
  countBenefits: (_by: string, _days: object, { after, limit }: KeyPage) =>
    Promise.resolve(
      offices
        .filter((key) => after === undefined || key > after)
        .slice(0, limit)
        .map((key) => ({ key, declarations: 2n, inspected: 1n, inspectedWithoutStatus: 2n })),
    ),
};
const query: BenefitsQuery = { by: 'office', limit: 50 };

test('every key comes once, a page at a time, the empty one too', async () => {
  const keys: string[] = [];
  let cursor: string | undefined;
  for (let pages = 1; pages <= 4; pages += 1) {
    const { items, nextCursor } = await getBenefits(store, { ...query, limit: 1, cursor });
    expect(items).toHaveLength(1);
    keys.push((items[0] as { key: string }).key);
    cursor = nextCursor ?? undefined;
    expect(cursor === undefined).toBe(pages === 4);
  }
  expect(keys).toEqual(offices);
});

test('a page that holds all has no next one, and its counts are plain numbers', async () => {
  const { items, nextCursor } = await getBenefits(store, { ...query, limit: 4 });
  expect([items.length, nextCursor]).toEqual([4, null]);
  expect(items[0]).toEqual({ key: '', declarations: 2, inspected: 1, inspectedWithoutStatus: 2 });
});

test.each([
  ['limit', { limit: 0 }, 'FIELD_RANGE'],
  ['limit', { limit: 201 }, 'FIELD_RANGE'],
  ['cursor', { cursor: 'nonsense' }, 'FIELD_FORMAT'],
  ['cursor', { cursor: Buffer.from('tier/x').toString('base64url') }, 'FIELD_FORMAT'],
  ['cursor', { cursor: Buffer.from('office/\u0000').toString('base64url') }, 'FIELD_FORMAT'],
])('a %s that cannot be used is refused: %j', async (path, change, code) => {
  await expect(getBenefits(store, { ...query, ...change })).rejects.toMatchObject({
    fields: [{ path, code }],
  });
});

test('sizes are written as the contract writes them', async () => {
  const small = { countBenefits: () => Promise.resolve([{ ...one, key: String(common.SizeClass.SMALL) }]) };
  const one = { declarations: 1n, inspected: 0n, inspectedWithoutStatus: 0n };
  const { items } = await getBenefits(small, { ...query, by: 'size' });
  expect(items).toMatchObject([{ key: 'SIZE_CLASS_SMALL' }]);
});
