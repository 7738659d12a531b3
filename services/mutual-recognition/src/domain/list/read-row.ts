import type { ListRow } from './list.ts';

/** A usable row, or the path within it to the first thing that makes it unusable (empty: the row as a whole). */
export type ReadRow = { row: ListRow } | { path: string };

/** An operator has no more identifiers than this in a list, received or sent. */
export const identifiersMax = 50;

const statuses = ['active', 'suspended', 'revoked', 'expired'];
const patterns = {
  operatorId: /^[A-Za-z0-9-]{1,80}$/,
  scheme: /^[a-z][a-z0-9-]{1,39}$/,
  value: /^[A-Z0-9-]{1,35}$/,
  word: /^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/,
  instant: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/,
};

/**
 * Reads one row of a list. Only the fields that the digest covers may be there, and only characters that can be
 * stored and compared everywhere.
 *
 * @param country that of the issuer: identifiers of other countries are refused
 */
export function readRow(raw: unknown, country: string): ReadRow {
  const path = problemOf(raw, country);
  return path === undefined ? { row: raw as ListRow } : { path };
}

/** The usable rows, and the path of the first field that is not usable; the second row of an operator is not. */
export function readRows(
  raw: readonly unknown[],
  country: string,
): { rows: ListRow[]; path: string | undefined } {
  const rows: ListRow[] = [];
  const named = new Set<string>();
  let path: string | undefined;
  for (const [index, each] of raw.entries()) {
    const read = readRow(each, country);
    if ('path' in read) path ??= read.path === '' ? `rows.${index}` : `rows.${index}.${read.path}`;
    else {
      if (named.has(read.row.operatorId)) path ??= `rows.${index}.operatorId`;
      named.add(read.row.operatorId);
      rows.push(read.row);
    }
  }
  return { rows, path };
}

function problemOf(raw: unknown, country: string): string | undefined {
  if (!hasExactly(raw, fieldNames)) return '';
  for (const name of fieldNames) {
    if (name === 'identifiers') {
      const path = identifiersProblem(raw[name], country);
      if (path !== undefined) return path;
    } else if (!forms[name](raw[name])) return name;
  }
  return undefined;
}

const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);

const forms: Record<Exclude<keyof ListRow, 'identifiers'>, (value: unknown) => boolean> = {
  operatorId: matches(patterns.operatorId),
  tier: matches(patterns.word),
  component: matches(patterns.word),
  status: (value) => typeof value === 'string' && statuses.includes(value),
  validFrom: isInstantOrNull,
  validUntil: isInstantOrNull,
  decidedAt: isInstantOrNull,
  effectiveFrom: isInstantOrNull,
};
const fieldNames = ['identifiers', ...Object.keys(forms)] as (keyof ListRow)[];

function identifiersProblem(value: unknown, country: string): string | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > identifiersMax) return 'identifiers';
  for (const [index, each] of (value as unknown[]).entries()) {
    const path = `identifiers.${index}`;
    if (!hasExactly(each, ['scheme', 'country', 'value'])) return path;
    if (!matches(patterns.scheme)(each.scheme)) return `${path}.scheme`;
    if (each.country !== country) return `${path}.country`;
    if (!matches(patterns.value)(each.value)) return `${path}.value`;
  }
  return undefined;
}

function hasExactly<Name extends string>(
  value: unknown,
  names: readonly Name[],
): value is Record<Name, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const own = Object.keys(value);
  return own.length === names.length && names.every((name) => Object.hasOwn(value, name));
}

/** The language reads a day that no calendar has as another one, so the text must be the same when written again. */
function isInstantOrNull(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'string' || !patterns.instant.test(value)) return false;
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value.slice(0, 19));
}
