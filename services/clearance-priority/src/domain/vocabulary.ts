/**
 * The closed lists and records of the contracts, which are the words of this domain. The decision record has to
 * replay from its own bytes, so the domain computes on the record itself; this is its only way to the contracts.
 */
export { clearanceDecision, common, itemFacts, registryStatus } from '@aeo/proto';
export type { declaration, exchangeStatus, ItemFacts, riskService, riskTables } from '@aeo/proto';
