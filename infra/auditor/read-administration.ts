import { clearanceService } from '@aeo/proto';
import type {
  ClearanceState,
  ExchangeState,
  OperatorRow,
  RegistryState,
  TopicsState,
} from './audited-state.ts';
import { askedScope, roleOf, type NodeAnswer } from './i10-replay.ts';
import type { AnchorOf } from './read-chains.ts';
import { readClearance } from './read-clearance.ts';
import { readExchange } from './read-exchange.ts';
import { readRegistry } from './read-registry.ts';
import { readTopics } from './read-topics.ts';
import type { AdministrationSource, ClearanceSource } from './sources.ts';

export type AdministrationState = {
  name: string;
  /** The country whose identifiers are domestic. */
  country: string;
  registry: RegistryState | undefined;
  exchange: ExchangeState | undefined;
  clearance: ClearanceState | undefined;
  topics: TopicsState;
  answers: readonly NodeAnswer[];
};

/** Reads the topics first: a row that is recorded meanwhile has no event yet, and the next reading finds both. */
export async function readAdministration(source: AdministrationSource): Promise<AdministrationState> {
  const { name, kafkaBrokers, registry, exchange, clearance } = source;
  const topics = await readTopics(kafkaBrokers, name);
  const anchorOf: AnchorOf = (stream) =>
    topics.heads.findLast(({ value }) => value?.stream === stream)?.value;
  const country = clearance?.country ?? 'XA';
  const operators = registry && (await readRegistry(registry, anchorOf));
  return {
    name,
    country,
    topics,
    registry: operators,
    exchange: exchange && (await readExchange(exchange, anchorOf)),
    clearance: clearance && (await readClearance(clearance, anchorOf)),
    answers: await answersOf(clearance?.askPriority, operators?.operators ?? [], country),
  };
}

const nodeQueriesMax = 200;

/** What a live node answers for operators with a certificate; a sample where there are many. */
async function answersOf(
  ask: ClearanceSource['askPriority'],
  operators: readonly OperatorRow[],
  country: string,
): Promise<NodeAnswer[]> {
  if (ask === undefined) return [];
  const identifiers = operators
    .filter(({ certificates }) => certificates.length > 0)
    .flatMap((operator) => operator.identifiers);
  const every = Math.ceil(identifiers.length / nodeQueriesMax);
  const answers: NodeAnswer[] = [];
  for (const identifier of identifiers.filter((_, index) => index % every === 0)) {
    const request = { identifier, role: roleOf(identifier, country), ...askedScope };
    const { match } = await ask(clearanceService.GetPriorityRequest.fromPartial(request));
    answers.push({ identifier, outcome: match });
  }
  return answers;
}
