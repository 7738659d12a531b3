import { common, type exchangeStatus, type registryStatus } from '../vocabulary.ts';
import { partyMatch, type MatchedParty, type PartyMatch, type Scope } from './match.ts';
import { createArrangementClaims, type ArrangementClaims } from './partner-claims.ts';
import { createRegistryClaims, registrySource, type RegistryClaims } from './registry-claims.ts';
import type { ViewEntry } from './view-entry.ts';

/** Everything a decision needs to know about operators, kept in memory and changed only by status records. */
export type StatusView = {
  registry: RegistryClaims;
  applyOperator(status: registryStatus.OperatorStatus): boolean;
  applyPartner(status: exchangeStatus.PartnerStatus, partition: number): boolean;
  /** A record whose value cannot be read: its key gives no benefit until a newer version is read. False: key unreadable too. */
  blockOperator(key: string): boolean;
  blockPartner(key: string, partition: number): boolean;
  /** The list in force of each arrangement that has one. */
  listsInForce(): exchangeStatus.ListActivated[];
  /** Keys that give no benefit until a newer version is read. */
  blockedKeys(): Record<'registry' | 'exchange', number>;
  version(source: string, aggregate: string): common.StatusVersion | undefined;
  match(party: MatchedParty, scope: Scope, at: Date): PartyMatch[];
  /**
   * The view in pieces. Partners' pieces are of now, operators' of when each is taken: never older. Throws at the end
   * where an operator's key was blocked or freed meanwhile.
   */
  entries(): Iterable<ViewEntry>;
  /** Takes a piece of another view; only before any record. */
  restore(entry: ViewEntry): void;
};

/**
 * @param country identifiers of this country are domestic and matched against the registry only
 * @param partitions of the partner status topic
 */
export function createStatusView(country: string, partitions: number): StatusView {
  const registry = createRegistryClaims();
  const arrangements = new Map<string, ArrangementClaims>();
  const arrangement = (id: string) => {
    const found = arrangements.get(id) ?? createArrangementClaims(id, partitions);
    arrangements.set(id, found);
    return found;
  };
  const partnerMatches = (party: MatchedParty, partnerCountry: string, scope: Scope, at: Date) =>
    [...arrangements.values()]
      .filter((claims) => claims.partnerCountry() === partnerCountry)
      .map((claims) => claims.match(party, scope, at));

  return {
    registry,
    applyOperator: (status) => registry.apply(status),
    applyPartner: (status, partition) => applyPartner(status, partition, arrangement),
    blockOperator(key) {
      if (key !== '') registry.block(key);
      return key !== '';
    },
    blockPartner: (key, partition) => blockPartner(key, partition, arrangement),
    listsInForce: () =>
      [...arrangements.values()].map((claims) => claims.listInForce()).filter((list) => list !== undefined),
    blockedKeys: () => ({
      registry: registry.blockedKeys(),
      exchange: [...arrangements.values()].reduce((sum, claims) => sum + claims.blockedKeys(), 0),
    }),
    version: (source, aggregate) =>
      source === registrySource ? registry.version(aggregate) : arrangements.get(source)?.version(aggregate),
    match(party, scope, at) {
      if (party.identifier === undefined || party.identifier.value === '')
        return [partyMatch({ ...party, identifier: undefined }, common.MatchOutcome.NO_IDENTIFIER)];
      if (party.identifier.country === country) return registry.match(party, at);
      const found = partnerMatches(party, party.identifier.country, scope, at);
      return found.length > 0 ? found : [partyMatch(party, common.MatchOutcome.ARRANGEMENT_NOT_LIVE)];
    },
    entries: () => chained([registry, ...arrangements.values()].map((claims) => claims.entries())),
    restore: (entry) => restore(entry, registry, arrangement),
  };
}

function* chained<T>(parts: readonly Iterable<T>[]): Generator<T> {
  for (const part of parts) yield* part;
}

function restore(entry: ViewEntry, registry: RegistryClaims, of: ArrangementOf): void {
  switch (entry.kind) {
    case 'operator':
      return void registry.apply(entry.status);
    case 'partner':
      return void applyPartner(entry.status, entry.partition, of);
    case 'blocked-operator':
      return registry.block(entry.key);
    case 'blocked-partner':
      return void blockPartner(entry.key, entry.partition, of);
    case 'list':
      return of(entry.arrangementId).restoreList(entry.list);
  }
}

type ArrangementOf = (id: string) => ArrangementClaims;

function applyPartner(status: exchangeStatus.PartnerStatus, partition: number, of: ArrangementOf): boolean {
  switch (status.record?.$case) {
    case 'membership':
      return of(status.record.value.arrangementId).applyMembership(status.record.value, partition);
    case 'suspension':
      return of(status.record.value.arrangementId).applySuspension(status.record.value);
    case 'activated':
      return of(status.record.value.arrangementId).applyActivated(status.record.value, partition);
    case undefined:
      return false;
  }
}

/** Partner keys read kind/arrangement/operator or activated/arrangement/partition. */
function blockPartner(key: string, partition: number, of: ArrangementOf): boolean {
  const [kind, arrangementId, ...rest] = key.split('/');
  const aggregate = rest.join('/');
  if (arrangementId === undefined || arrangementId === '' || aggregate === '') return false;
  if (kind === 'membership') of(arrangementId).blockMembership(aggregate);
  else if (kind === 'suspension') of(arrangementId).blockSuspension(aggregate);
  else if (kind === 'activated') of(arrangementId).blockActivation(partition);
  else return false;
  return true;
}
