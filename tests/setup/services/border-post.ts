import type { GrpcClient } from '@aeo/platform/grpc';
import { clearanceService, common, type clearanceDecision } from '@aeo/proto';
import { declarationOf } from '../../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../../infra/main-job/input/declarations-file.ts';
import { recordTranscript, type Transcript } from '../../../infra/auditor/transcript.ts';
import { eventually } from '../eventually.ts';
import type { TestProcesses } from './processes.ts';
import { serviceClients, trainRiskScoring } from './service-clients.ts';

type Decision = clearanceDecision.Decision;

/** What a border post got, as it got it: `decidedAt` is absent where nothing was recorded. */
export type Answer = { decision: Decision; decidedAt: Date | undefined };

/** A border post and an officer at the services of one administration. */
export type BorderPost = {
  registry: GrpcClient;
  /** Declares goods of this importer before they arrive. */
  assess: (declarationId: string, importer: common.Identifier) => Promise<Answer>;
  /** The newest revision on record. */
  explain: (declarationId: string) => Promise<Answer>;
  /** What it asked and what it got. */
  transcript: Transcript;
  stop: () => Promise<void>;
};

const service = clearanceService.ClearanceServiceService;
const row = readDeclarationsFile('infra/data/2021-q1.csv').rows[0]!;

/** Connects to processes that were started, and gives risk-scoring a model. */
export async function startBorderPost(processes: TestProcesses): Promise<BorderPost> {
  const connect = serviceClients(processes.tlsDirectory);
  const clearance = connect.clearance(processes.clearance);
  const registry = connect.registry(processes.registry);
  await trainRiskScoring(processes.tlsDirectory, processes.risk);
  const transcript = recordTranscript();
  return {
    registry,
    transcript,
    assess: async (declarationId, identifier) => {
      const parties = [{ role: common.PartyRole.IMPORTER, identifier }];
      const declaration = { ...declarationOf(row), declarationId, transportDocument: '', parties };
      const stage = common.Stage.PRE_ARRIVAL;
      const request = clearanceService.AssessRequest.fromPartial({ declaration, stage });
      const ask = () => clearance.call(service.assess, request);
      const { decision, decidedAt } = await transcript.assess(request, ask);
      return { decision: decision!, decidedAt };
    },
    explain: async (declarationId) => {
      const request = clearanceService.ExplainDecisionRequest.fromPartial({ declarationId });
      const { decision, decidedAt } = await clearance.call(service.explainDecision, request);
      return { decision: decision!, decidedAt };
    },
    stop: async () => {
      await registry.stop();
      await clearance.stop();
    },
  };
}

export const identifierOf = (value: string): common.Identifier =>
  common.Identifier.fromPartial({ scheme: 'national-trader-id', country: 'XA', value });

/** Whether a status made the decision lighter. */
export const hasBenefit = ({ decision }: Answer): boolean =>
  decision.assessments.some(({ creditedMatch }) => creditedMatch >= 0);

/** The time of a server's clock now. */
export async function clockOf(database: {
  query: <Row>(text: string) => Promise<{ rows: Row[] }>;
}): Promise<Date> {
  const { rows } = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]!.now;
}

type Clock = Parameters<typeof clockOf>[0];
type Asking = Pick<BorderPost, 'assess'>;

/** Asks for each trader in turn until the clock of the database has passed the end; answers by trader. */
export async function assessUntil(
  end: Date,
  name: string,
  traders: readonly string[],
  { post, database }: { post: Asking; database: Clock },
): Promise<Map<string, Answer[]>> {
  const answers = new Map(traders.map((trader) => [trader, [] as Answer[]]));
  for (let number = 0; (await clockOf(database)) < end; number += 1)
    for (const trader of traders)
      answers.get(trader)?.push(await post.assess(`${name}-${trader}-${number}`, identifierOf(trader)));
  return answers;
}

export const laterBy = (instant: Date, ms: number): Date => new Date(instant.getTime() + ms);

/** Those that were recorded after the instant, by the database's clock. */
export const decidedAfter = (answers: readonly Answer[], instant: Date): Answer[] =>
  answers.filter(({ decidedAt }) => decidedAt !== undefined && decidedAt > instant);

/** Repeats the question until the trader has a benefit. */
export async function waitForBenefit(post: Asking, name: string, trader: string): Promise<void> {
  let number = 0;
  await eventually(
    async () => {
      const answer = await post.assess(`${name}-${trader}-${(number += 1)}`, identifierOf(trader));
      if (!hasBenefit(answer)) throw new Error(`${trader} has no benefit`);
    },
    { timeoutMs: 30_000 },
  );
}

/** The age over which a status gives no benefit, by the database's clock. */
export const statusAgeMaxMs = 2_000;

export const isStale = ({ decision }: Answer): boolean =>
  decision.noBenefit.includes(common.NoBenefitReason.STALE_STATUS);
