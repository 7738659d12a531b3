import { createHash } from 'node:crypto';
import type { common } from '@aeo/proto';
import { homeIdentifier, sellerIdentifier } from '../declarations/declaration-message.ts';
import { demonstration } from '../demonstration.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';

/** An operator of the history with its record, which becomes the registry's facts. */
export type HistoryOperator = {
  operatorId: string;
  identifier: common.Identifier;
  declarations: number;
  /** Of them, those of each month, January first. */
  byMonth: number[];
  findings: number;
  criticalFindings: number;
  small: boolean;
};

/** Importers and declarants of the history: one operator for each identifier, each declaration counted once. */
export function homeOperators(rows: DeclarationRow[]): HistoryOperator[] {
  return collect(rows, (row) => [...new Set([row.importer, row.declarant])].map(homeIdentifier));
}

/** Sellers of the history: one operator for each identifier, in a country that is derived from it. */
export function sellerOperators(rows: DeclarationRow[]): HistoryOperator[] {
  return collect(rows, ({ seller }) => (seller === '' ? [] : [sellerIdentifier(seller)]));
}

function collect(
  rows: DeclarationRow[],
  identifiersOf: (row: DeclarationRow) => common.Identifier[],
): HistoryOperator[] {
  const operators = new Map<string, HistoryOperator>();
  for (const row of rows) {
    for (const identifier of identifiersOf(row)) {
      const operatorId = operatorIdOf(identifier);
      const operator = operators.get(operatorId) ?? newOperator(operatorId, identifier);
      operator.declarations += 1;
      const month = Number(row.date.slice(5, 7)) - 1;
      operator.byMonth[month] = (operator.byMonth[month] ?? 0) + 1;
      operator.findings += row.finding ? 1 : 0;
      operator.criticalFindings += row.critical ? 1 : 0;
      operators.set(operatorId, operator);
    }
  }
  for (const operator of operators.values()) {
    operator.small = operator.declarations < demonstration.smallBelowDeclarations;
  }
  return [...operators.values()];
}

function newOperator(operatorId: string, identifier: common.Identifier): HistoryOperator {
  return {
    operatorId,
    identifier,
    declarations: 0,
    byMonth: Array.from({ length: 12 }, () => 0),
    findings: 0,
    criticalFindings: 0,
    small: false,
  };
}

/** A name-based UUID (version 8, RFC 9562), so that a run that is continued finds its operators. */
export function operatorIdOf(identifier: common.Identifier): string {
  const name = `${identifier.scheme}|${identifier.country}|${identifier.value}`;
  const hex = createHash('sha256').update(name).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
