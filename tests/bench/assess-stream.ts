import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { type clearanceDecision, clearanceService, common } from '@aeo/proto';
import { streamMessage, startAdministration, startEchoes, type Administration } from './administration.ts';
import type { Benchmark, Site } from './benchmark.ts';
import { compareBlocks, type Block } from './blocks.ts';

const service = clearanceService.ClearanceServiceService;
const inFlight = 64;

type Answer = clearanceService.AssessStreamResponse;

/** Whole decisions, scored and recorded, beside two hops of grpc-js streams that do nothing. */
export const assessStreamBenchmark: Benchmark = {
  name: 'assess-stream',
  what: 'AssessStream ÷ two-hop echo stream',
  async run(site) {
    const administration = await startAdministration(site, 50);
    try {
      return [{ ...(await measure(site, administration)), unit: 'decisions/s' }];
    } finally {
      await administration.stop();
    }
  },
};

async function measure(site: Site, { processes, clearance }: Administration) {
  const [assessed] = await answersTo(clearance, 'sample', 1);
  if (assessed === undefined) throw new Error('nothing was answered');
  requireWhole(assessed);
  const priority = clearanceService.GetPriorityResponse.fromPartial({});
  const echoes = await startEchoes(site, processes.tlsDirectory, { priority, assessed });
  const tls = loadTls(processes.tlsDirectory, 'border-system');
  const settings = { address: echoes.address, tls, defaultDeadlineMs: 30_000 };
  const echo = grpcClient(clearanceService.ClearanceServiceClient, settings);
  try {
    const blocks = [deciding(clearance, requireWhole), deciding(echo, () => undefined)] as const;
    const comparison = await compareBlocks(...blocks, site.blocks);
    return { ratioOf: 'AssessStream ÷ two-hop echo', comparison };
  } finally {
    await echo.stop();
    await echoes.stop();
  }
}

/** @throws Error for anything but a decision that was scored, is fresh and is on record */
function requireWhole({ requestId, result }: Answer): void {
  if (result?.$case !== 'assessed') throw new Error(`${requestId} was not decided`);
  const { decision, decidedAt } = result.value;
  if (decision?.declarationId !== requestId || decidedAt === undefined || decision.provisional)
    throw new Error(`${requestId} is not on record`);
  const degraded = decision.noBenefit.filter(
    (reason) => reason !== common.NoBenefitReason.ACTIVATION_MISSING,
  );
  if (degraded.length > 0 || decision.lane === common.Lane.UNSPECIFIED)
    throw new Error(`${requestId} was decided without all there is: ${degraded.join()}`);
}

async function answersTo(client: GrpcClient, prefix: string, count: number): Promise<Answer[]> {
  const stream = client.stream(service.assessStream);
  const answers: Answer[] = [];
  stream.onMessage((answer) => void answers.push(answer));
  for (let index = 0; index < count; index += 1)
    await stream.write(streamMessage(`${prefix}-${index}`, index));
  stream.end();
  await stream.closed;
  return answers;
}

/** Keeps so many declarations under way on one stream; each has an id of its own and is answered once. */
function deciding(client: GrpcClient, check: (answer: Answer) => void): Block {
  let block = 0;
  return async (durationMs) => {
    block += 1;
    const prefix = `b${block}-${Math.floor(performance.now())}`;
    const startedMs = performance.now();
    const stream = client.stream(service.assessStream);
    let [sent, answered] = [0, 0];
    let fault: Error | undefined;
    const send = () => {
      if (performance.now() - startedMs > durationMs) return sent === answered ? stream.end() : undefined;
      void stream.write(streamMessage(`${prefix}-${sent}`, sent));
      sent += 1;
    };
    stream.onMessage((answer) => {
      answered += 1;
      try {
        check(answer);
      } catch (error) {
        fault ??= error as Error;
      }
      send();
    });
    for (let place = 0; place < inFlight; place += 1) send();
    await stream.closed;
    if (fault !== undefined) throw fault;
    return (answered * 1_000) / (performance.now() - startedMs);
  };
}

/** One decision of the real service, as an example of what is recorded. */
export async function sampleDecision(site: Site): Promise<clearanceDecision.Decision> {
  const administration = await startAdministration(site, 1);
  try {
    const [answer] = await answersTo(administration.clearance, 'sample', 1);
    if (answer?.result?.$case !== 'assessed' || answer.result.value.decision === undefined)
      throw new Error('nothing was decided');
    return answer.result.value.decision;
  } finally {
    await administration.stop();
  }
}
