import { common } from '@aeo/proto';
import type { BenefitCount, BenefitsBy, DecisionStore } from '../../ports.ts';
import { isWithin } from '../../application/declaration/declaration-rules.ts';
import { fieldProblems } from '@aeo/platform/field-problems';

export type BenefitsQuery = {
  by: BenefitsBy;
  from?: string | undefined;
  until?: string | undefined;
  limit: number;
  cursor?: string | undefined;
};

const limits = { minimum: 1, maximum: 200 };

/**
 * What status came to, a page at a time in the order of the keys. The cursor is for the same grouping only.
 *
 * @throws AppError `invalid` for a limit or cursor that cannot be used
 */
export async function getBenefits(
  store: Pick<DecisionStore, 'countBenefits'>,
  { by, from, until, limit, cursor }: BenefitsQuery,
): Promise<{ items: object[]; nextCursor: string | null }> {
  const { check, refuseAny } = fieldProblems();
  const after = cursor === undefined ? undefined : keyBehind(cursor, by);
  check(isWithin(limit, limits), 'limit', 'FIELD_RANGE');
  check(cursor === undefined || after !== undefined, 'cursor', 'FIELD_FORMAT');
  refuseAny();
  // One more than the page holds says whether there is another page.
  const counts = await store.countBenefits(by, { from, until }, { after, limit: limit + 1 });
  const page = counts.slice(0, limit);
  const last = counts.length > limit ? page.at(-1) : undefined;
  return { items: page.map((count) => itemOf(count, by)), nextCursor: last ? cursorOf(by, last.key) : null };
}

function itemOf({ key, ...counts }: BenefitCount, by: BenefitsBy): object {
  return {
    key: by === 'size' ? common.sizeClassToJSON(Number(key) as common.SizeClass) : key,
    ...Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, Number(value)])),
  };
}

function cursorOf(by: BenefitsBy, key: string): string {
  return Buffer.from(`${by}/${key}`).toString('base64url');
}

/** Undefined for a cursor of another grouping, or one that was never handed out. */
function keyBehind(cursor: string, by: BenefitsBy): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const key = text.slice(by.length + 1);
  return text.startsWith(`${by}/`) && cursorOf(by, key) === cursor && !key.includes('\u0000')
    ? key
    : undefined;
}
