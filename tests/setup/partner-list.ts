import type { Arrangement } from '../../services/mutual-recognition/src/domain/arrangement/arrangement.ts';
import type { ListRow } from '../../services/mutual-recognition/src/domain/list/list.ts';

/** An arrangement between the administrations `here` and `there`. */
export const arrangementOf = (changes: Partial<Arrangement> = {}): Arrangement => ({
  id: 'a1',
  version: 1,
  live: true,
  purposes: [],
  credits: {},
  directions: [],
  transportModes: [],
  own: { administration: 'here', country: 'XA' },
  partner: { administration: 'there', country: 'XB' },
  recognisedTiers: ['tier-1'],
  removals: { rows: 5, permille: 20 },
  listValidDays: 30,
  demonstration: true,
  ...changes,
});

/** An active operator of the partner. */
export const listRow = (operatorId: string, changes: Partial<ListRow> = {}): ListRow => ({
  operatorId,
  identifiers: [{ scheme: 'test-id', country: 'XB', value: operatorId.toUpperCase() }],
  tier: 'tier-1',
  component: 'compliance',
  status: 'active',
  validFrom: null,
  validUntil: null,
  decidedAt: null,
  effectiveFrom: null,
  ...changes,
});
