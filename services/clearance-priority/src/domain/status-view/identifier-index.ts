import type { common } from '../vocabulary.ts';

/** All three parts together are the key; none of them may contain the separator. */
export function identifierKey(identifier: common.Identifier): string {
  return `${identifier.scheme}|${identifier.country}|${identifier.value}`;
}

/** Identifier → set of the aggregates that claim it. Two owners of one identifier are kept side by side. */
export type IdentifierIndex = {
  replace(aggregate: string, before: readonly common.Identifier[], after: readonly common.Identifier[]): void;
  claimants(identifier: common.Identifier): readonly string[];
};

export function createIdentifierIndex(): IdentifierIndex {
  const claims = new Map<string, Set<string>>();
  const remove = (key: string, aggregate: string) => {
    const held = claims.get(key);
    held?.delete(aggregate);
    if (held?.size === 0) claims.delete(key);
  };
  const add = (key: string, aggregate: string) => {
    const held = claims.get(key);
    if (held === undefined) claims.set(key, new Set([aggregate]));
    else held.add(aggregate);
  };
  return {
    replace(aggregate, before, after) {
      for (const identifier of before) remove(identifierKey(identifier), aggregate);
      for (const identifier of after) add(identifierKey(identifier), aggregate);
    },
    claimants: (identifier) => [...(claims.get(identifierKey(identifier)) ?? [])],
  };
}
