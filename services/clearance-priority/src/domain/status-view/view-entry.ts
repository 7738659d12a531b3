import type { exchangeStatus, registryStatus } from '../vocabulary.ts';
import type { ListState } from './list-switch.ts';

/**
 * One piece of a status view. All the pieces of a view, given in their order to an empty one, make one that answers
 * the same and takes the same records from there on.
 */
export type ViewEntry =
  | { kind: 'operator'; status: registryStatus.OperatorStatus }
  | { kind: 'partner'; status: exchangeStatus.PartnerStatus; partition: number }
  | { kind: 'blocked-operator'; key: string }
  | { kind: 'blocked-partner'; key: string; partition: number }
  | { kind: 'list'; arrangementId: string; list: ListState };
