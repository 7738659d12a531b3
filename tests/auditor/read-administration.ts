import type { ClearanceState, RegistryState, TopicsState, Waiting, Chain } from './history.ts';
import type { AnchorOf } from './read-chains.ts';
import { readClearance } from './read-clearance.ts';
import { readRegistry } from './read-registry.ts';
import { readTopics } from './read-topics.ts';
import type { AdministrationSource } from './sources.ts';

export type AdministrationState = {
  name: string;
  registry: RegistryState | undefined;
  exchange: { waiting: Waiting; chains: readonly Chain[] } | undefined;
  clearance: ClearanceState | undefined;
  topics: TopicsState;
};

/** Reads the topics first: what is recorded meanwhile has no event yet, and is read again with it. */
export async function readAdministration(source: AdministrationSource): Promise<AdministrationState> {
  const { name, kafkaBrokers, registry, clearance } = source;
  const topics = await readTopics(kafkaBrokers, name);
  const anchorOf: AnchorOf = (stream) =>
    topics.heads.findLast(({ value }) => value?.stream === stream)?.value;
  return {
    ...{ name, topics, exchange: undefined },
    registry: registry && (await readRegistry(registry, anchorOf)),
    clearance: clearance && (await readClearance(clearance, anchorOf)),
  };
}
