import { setTimeout as pause } from 'node:timers/promises';
import { commandEntry, type Transcript } from '../../auditor/transcript.ts';
import { grpcClient, loadTls, type TlsFiles } from '@aeo/platform/grpc';
import { connectKafka } from '@aeo/platform/kafka';
import { common, registryService, registryStatus, topics } from '@aeo/proto';
import { certify, demonstrationOnly, type Certified, type ExecuteBatch } from './certify.ts';
import type { Programmes } from './generated-facts.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';
import type { Job } from '../job.ts';
import { homeOperators, type HistoryOperator } from './operators.ts';
import { countBy } from '../report/statistics.ts';
import { programmeFigures, type ProgrammeFigures } from './programme-figures.ts';

/** Totals of the certification, and what a border post could read of it on the topic. */
export type Certification = {
  operators: number;
  applications: number;
  /** Certificates by tier. */
  certificates: Record<string, number>;
  /** Unmet criteria of refused applications, counted. */
  notMet: Record<string, number>;
  problems: Record<string, number>;
  activeOnTopic: number;
  /** By programme, where firms were certified under other programmes than the demonstration's. */
  programmes: ProgrammeFigures[];
};

/** Certifies the operators of the history through the registry's own commands. */
export async function certifyHistory({
  site,
  services: { home },
  inputs: { history, programmes },
  progress,
  transcript,
}: Job): Promise<{ certified: Certified; certification: Certification }> {
  const { rows } = history;
  const operators = homeOperators(rows);
  const certified = await certifyAt({
    address: home.registry.address,
    tls: loadTls(home.tlsDirectory, 'officer'),
    operators,
    rows,
    onProgress: progress.step('certifying', operators.length),
    record: transcript.record,
    programmes,
  });
  const { applications, notMet, problems } = certified;
  const certification = {
    operators: certified.operators,
    applications,
    certificates: countBy(certified.certificates, ({ tier }) => tier),
    notMet,
    problems,
    activeOnTopic: await countActive(site, holdersOf(certified).size),
    programmes: programmes.runs.map((run) => programmeFigures(run, operators, certified)),
  };
  return { certified, certification };
}

export type CertifyOptions = {
  /** The registry's. */
  address: string;
  tls: TlsFiles;
  operators: HistoryOperator[];
  /** The operators' facts cover the time that these declarations span. */
  rows: DeclarationRow[];
  onProgress: (done: number) => void;
  /** Receives the entries of a transcript. */
  record: Transcript['record'];
  programmes?: Programmes;
};

/** Certifies operators at a registry. */
export async function certifyAt({
  address,
  tls,
  operators,
  rows,
  onProgress,
  record,
  programmes = demonstrationOnly,
}: CertifyOptions): Promise<Certified> {
  const client = grpcClient(registryService.RegistryServiceClient, {
    address,
    tls,
    defaultDeadlineMs: 30_000,
  });
  const { executeBatch } = registryService.RegistryServiceService;
  const execute: ExecuteBatch = async (commands) => {
    const sentAt = Date.now();
    const { results } = await client.call(executeBatch, { commands }, { actor: 'main-job' });
    recordResults(record, sentAt, commands, results);
    return results;
  };
  try {
    return await certify(operators, periodOf(rows), execute, onProgress, programmes);
  } finally {
    await client.stop();
  }
}

function recordResults(
  record: Transcript['record'],
  sentAt: number,
  commands: readonly registryService.RegistryCommand[],
  results: readonly registryService.RegistryCommandResult[],
): void {
  const times = { askedAt: sentAt, answeredAt: Date.now() };
  for (const [index, { result }] of results.entries()) {
    const { command } = commands[index] ?? {};
    if (command === undefined || result === undefined) continue;
    const named = { command: command.$case, operatorId: command.value.operatorId };
    if (result.$case === 'problem')
      record(commandEntry(named, { ...times, ending: 'refused', reason: result.value.reason }, undefined));
    else record(commandEntry(named, { ...times, ending: 'answered' }, result.value));
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

const waitMs = 10_000;

/** Reads the status topic as a border post would, until it shows what the registry granted or ten seconds are over. */
async function countActive({ kafkaBrokers }: Job['site'], expected: number): Promise<number> {
  const active = new Map<string, boolean>();
  const brokers = kafkaBrokers.split(',');
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
