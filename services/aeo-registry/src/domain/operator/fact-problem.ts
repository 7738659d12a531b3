import type { RefusalReason } from './decision.ts';
import type { FactOrigin } from './event.ts';
import { isOfType, type Fact, type FactValue } from '@aeo/programmes';

/** Why this origin may not state this value of a fact; undefined where it may. */
export function factProblem(
  fact: Fact | undefined,
  value: FactValue,
  origin: FactOrigin,
): RefusalReason | undefined {
  if (fact === undefined) return 'FIELD_UNKNOWN_VALUE';
  if (!isOfType[fact.type](value)) return 'FIELD_FORMAT';
  if (fact.choices && !fact.choices.includes(String(value))) return 'FIELD_UNKNOWN_VALUE';
  // What customs has on record it may also state, where the registry does not count it itself.
  const mayStateIt = fact.origin === origin || (fact.origin === 'registry' && origin === 'authority');
  return mayStateIt ? undefined : 'FACT_ORIGIN';
}
