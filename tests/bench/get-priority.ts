import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { clearanceService, common } from '@aeo/proto';
import { homeIdentifier } from '../../infra/main-job/declarations/declaration-message.ts';
import { priorityQuestion, startAdministration, startEchoes, type Administration } from './administration.ts';
import type { Benchmark, Site } from './benchmark.ts';
import { compareBlocks, type Block } from './blocks.ts';
import { cpuMicroseconds, throughput } from './load.ts';

const service = clearanceService.ClearanceServiceService;
const lanes = 32;
const traders = 500;

/** What a border system may ask a second, beside what grpc-js itself carries with the same messages. */
export const getPriorityBenchmark: Benchmark = {
  name: 'get-priority',
  what: 'GetPriority ÷ echo of the same messages',
  async run(site) {
    const administration = await startAdministration(site, traders);
    try {
      await proveAnswers(administration);
      return await measure(site, administration);
    } finally {
      await administration.stop();
    }
  },
};

/** Every certified trader has priority, and as many that nobody knows have none. */
async function proveAnswers({ clearance, traders: certified }: Administration): Promise<void> {
  for (const [index, { identifier }] of certified.entries()) {
    const yes = await clearance.call(service.getPriority, priorityQuestion(identifier));
    if (!yes.priority || yes.entitlements.length !== 1 || yes.noBenefit.length > 0)
      throw new Error(`${identifier.value} is certified and is answered otherwise`);
    const stranger = priorityQuestion(homeIdentifier(`NOBODY${index}`));
    const no = await clearance.call(service.getPriority, stranger);
    if (no.priority || no.match !== common.MatchOutcome.NOT_ON_LIST)
      throw new Error(`${stranger.identifier?.value ?? ''} is not known and is answered otherwise`);
  }
}

async function measure(site: Site, administration: Administration) {
  const { processes, clearance, traders: certified } = administration;
  const questions = certified.map(({ identifier }) => priorityQuestion(identifier));
  const priority = await clearance.call(service.getPriority, questions[0]!);
  const assessed = clearanceService.AssessStreamResponse.fromPartial({});
  const echoes = await startEchoes(site, processes.tlsDirectory, { priority, assessed });
  const tls = loadTls(processes.tlsDirectory, 'border-system');
  const settings = { address: echoes.address, tls, defaultDeadlineMs: 30_000 };
  const echo = grpcClient(clearanceService.ClearanceServiceClient, settings);
  try {
    const pid = processes.clearance.child.process.pid ?? 0;
    const [subject, baseline] = [asking(clearance, questions), asking(echo, questions)];
    const comparison = await compareBlocks(subject, baseline, site.blocks);
    const cpu = await compareBlocks(cpuEach(subject, pid), cpuEach(baseline, echoes.pid), {
      ...site.blocks,
      pairs: Math.ceil(site.blocks.pairs / 2),
    });
    return [
      { ratioOf: 'GetPriority ÷ echo', comparison, unit: 'answers/s', goal: { atLeast: 0.9 } },
      { ratioOf: 'GetPriority ÷ echo, CPU of the server', comparison: cpu, unit: 'µs/answer' },
    ];
  } finally {
    await echo.stop();
    await echoes.stop();
  }
}

function asking(client: GrpcClient, questions: clearanceService.GetPriorityRequest[]): Block {
  let next = 0;
  return throughput(lanes, async () => {
    next = (next + 1) % questions.length;
    const { priority } = await client.call(service.getPriority, questions[next]!);
    if (!priority) throw new Error('a certified trader was answered no');
  });
}

/** CPU time of the server for each answer, in µs; the work its process does beside the answers counts too. */
function cpuEach(block: Block, pid: number): Block {
  return async (durationMs) => {
    const [before, startedMs] = [cpuMicroseconds(pid), performance.now()];
    const perSecond = await block(durationMs);
    const answered = (perSecond * (performance.now() - startedMs)) / 1_000;
    return (cpuMicroseconds(pid) - before) / answered;
  };
}
