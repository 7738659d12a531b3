import { setTimeout as pause } from 'node:timers/promises';
import { commandEntry, type Transcript } from '../../auditor/transcript.ts';
import { grpcClient, type TlsFiles } from '@aeo/platform/grpc';
import { connectKafka } from '@aeo/platform/kafka';
import { common, registryService, registryStatus, topics } from '@aeo/proto';
import type { Endpoints } from '../../local/stack-types.ts';
import { certify, demonstrationAlone, type Certified, type ExecuteBatch } from './certify.ts';
import type { Programmes } from './generated-facts.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';
import { homeOperators, type HistoryOperator } from './operators.ts';
import type { Progress } from '../progress.ts';
import { programmeFigures, type ProgrammeFigures } from './programme-figures.ts';

/** What certification came to, and what a border post could read of it on the topic. */
export type Certification = {
  operators: number;
  applications: number;
  /** Certificates by tier. */
  certificates: Record<string, number>;
  /** Criteria that kept an application from a tier, counted. */
  notMet: Record<string, number>;
  problems: Record<string, number>;
  activeOnTopic: number;
  /** By programme, where firms were certified under others than the demonstration's. */
  programmes: ProgrammeFigures[];
};

/** Certifies the operators of the history through the registry's own commands. */
export async function certifyHistory(
  stack: Pick<Endpoints, 'kafkaBrokers'>,
  address: string,
  tls: TlsFiles,
  rows: DeclarationRow[],
  progress: Progress,
  note: Note,
  programmes: Programmes,
): Promise<{ certified: Certified; certification: Certification }> {
  const operators = homeOperators(rows);
  const step = progress.step('certifying', operators.length);
  const certified = await certifyAt(address, tls, operators, rows, step, note, programmes);
  const { applications, notMet, problems } = certified;
  const certification = {
    operators: certified.operators,
    applications,
    certificates: byTier(certified),
    notMet,
    problems,
    activeOnTopic: await countActive(stack, holdersOf(certified).size),
    programmes: programmes.runs.map((run) => programmeFigures(run, operators, certified)),
  };
  return { certified, certification };
}

/** Certifies operators at a registry; their record is over the time these declarations span. */
export async function certifyAt(
  address: string,
  tls: TlsFiles,
  operators: HistoryOperator[],
  rows: DeclarationRow[],
  progress: (done: number) => void,
  note: Note,
  programmes = demonstrationAlone,
): Promise<Certified> {
  const client = grpcClient(registryService.RegistryServiceClient, {
    address,
    tls,
    defaultDeadlineMs: 30_000,
  });
  const { executeBatch } = registryService.RegistryServiceService;
  const execute: ExecuteBatch = async (commands) => {
    const askedAt = Date.now();
    const { results } = await client.call(executeBatch, { commands }, { actor: 'main-job' });
    noteResults(note, askedAt, commands, results);
    return results;
  };
  try {
    return await certify(operators, periodOf(rows), execute, progress, programmes);
  } finally {
    await client.stop();
  }
}

/** Takes the entries of a transcript. */
type Note = Transcript['note'];

function noteResults(
  note: Note,
  askedAt: number,
  commands: readonly registryService.RegistryCommand[],
  results: readonly registryService.RegistryCommandResult[],
): void {
  const asked = { askedAt, answeredAt: Date.now() };
  for (const [index, { result }] of results.entries()) {
    const { command } = commands[index] ?? {};
    if (command === undefined || result === undefined) continue;
    const named = { command: command.$case, operatorId: command.value.operatorId };
    if (result.$case === 'problem')
      note(commandEntry(named, { ...asked, ending: 'refused', reason: result.value.reason }, undefined));
    else note(commandEntry(named, { ...asked, ending: 'answered' }, result.value));
  }
}

function periodOf(rows: DeclarationRow[]): common.Validity {
  const first = rows[0]?.date ?? '2000-01-01';
  const last = rows.at(-1)?.date ?? first;
  return {
    validFrom: new Date(`${first}T00:00:00Z`),
    validUntil: new Date(Date.parse(`${last}T00:00:00Z`) + 86_400_000),
  };
}

/** Operators that hold at least one certificate. */
export function holdersOf({ certificates }: Pick<Certified, 'certificates'>): Set<string> {
  return new Set(certificates.map(({ operatorId }) => operatorId));
}

function byTier({ certificates }: Certified): Record<string, number> {
  const tiers: Record<string, number> = {};
  for (const { tier } of certificates) tiers[tier] = (tiers[tier] ?? 0) + 1;
  return tiers;
}

const waitMs = 10_000;

/** Reads the status topic as a border post would; waits until it shows what the registry granted, but not for ever. */
async function countActive(stack: Pick<Endpoints, 'kafkaBrokers'>, expected: number): Promise<number> {
  const active = new Map<string, boolean>();
  const brokers = stack.kafkaBrokers.split(',');
  const kafka = await connectKafka({
    brokers,
    administration: 'home',
    clientId: 'main-job',
    log: () => undefined,
  });
  const reader = await kafka.broadcast({
    topics: [topics.operatorStatus.name],
    onRecord: ({ headers, key, value }) => {
      if (headers['event-type'] === 'heartbeat') return;
      const { components } = registryStatus.OperatorStatus.decode(value);
      active.set(
        key,
        components.some(({ status }) => status === common.CertificateStatus.ACTIVE),
      );
    },
  });
  const count = () => [...active.values()].filter(Boolean).length;
  const endMs = Date.now() + waitMs;
  await reader.ready;
  while (count() < expected && Date.now() < endMs) await pause(50);
  await reader.stop();
  await kafka.stop();
  return count();
}
