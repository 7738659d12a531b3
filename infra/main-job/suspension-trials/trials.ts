import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Transcript } from '../../auditor/transcript.ts';
import { toAppError } from '@aeo/platform/errors';
import { grpcClient, type TlsFiles } from '@aeo/platform/grpc';
import { common, registryService } from '@aeo/proto';
import type { HeldCertificate } from '../certification/certify.ts';
import type { ClearanceClient } from '../declarations/clearance-client.ts';
import { retryWhileUnavailable } from '../retry-while-unavailable.ts';
import { homeIdentifier } from '../declarations/declaration-message.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';
import { operatorIdOf } from '../certification/operators.ts';
import { seededRandom } from '../report/statistics.ts';
import { suspensionTrial, type ObservedStatus, type Trial, type TrialPorts } from './suspension-trial.ts';

export type TrialSubject = {
  importer: string;
  operatorId: string;
  certificateId: string;
  row: DeclarationRow;
};

/** A trial with the database times between which the ledger must hold no benefit of the operator. */
export type RunTrial = Trial & {
  operatorId: string;
  boundMs: number;
  reinstatedMs: number;
  /** Declaration ids of all probes, and of those that were answered. */
  sentProbes: string[];
  probes: string[];
};

const settings = { pollEveryMs: 15, boundMs: 2_000, watchAfterBoundMs: 300, beforeMs: 700 };
const lanesOfTrials = 4;

/** Importers of the declarations with a certificate that may be suspended, in an order that depends on the seed. */
export function trialSubjects(
  rows: DeclarationRow[],
  certificates: readonly HeldCertificate[],
  seed: number,
): TrialSubject[] {
  const held = new Map(certificates.map((each) => [each.operatorId, each]));
  const subjects = new Map<string, TrialSubject>();
  for (const row of rows) {
    const operatorId = operatorIdOf(homeIdentifier(row.importer));
    const certificate = held.get(operatorId);
    if (certificate === undefined || subjects.has(operatorId)) continue;
    const { certificateId } = certificate;
    subjects.set(operatorId, { importer: row.importer, operatorId, certificateId, row });
  }
  const random = seededRandom(seed);
  return [...subjects.values()]
    .map((subject) => ({ subject, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ subject }) => subject);
}

export type TrialsOptions = {
  registryAddress: string;
  tls: TlsFiles;
  clearance: ClearanceClient;
  transcript: Transcript;
  subjects: TrialSubject[];
  /** No trial begins once this is aborted; those under way are finished. */
  signal: AbortSignal;
  progress(done: number): void;
};

/** Suspends and reinstates operators that are receiving benefits, some at a time, while declarations flow. */
export async function runTrials(options: TrialsOptions): Promise<RunTrial[]> {
  const registry = grpcClient(registryService.RegistryServiceClient, {
    address: options.registryAddress,
    tls: options.tls,
    defaultDeadlineMs: 5_000,
  });
  const queue = [...options.subjects];
  const trials: RunTrial[] = [];
  const lane = async () => {
    for (let subject = queue.shift(); subject !== undefined; subject = queue.shift()) {
      if (options.signal.aborted) return;
      trials.push(await oneTrial(options, registry, subject));
      options.progress(trials.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: lanesOfTrials }, lane));
    return trials;
  } finally {
    await registry.stop();
  }
}

type Registry = ReturnType<typeof grpcClient>;
type Clients = Pick<TrialsOptions, 'clearance' | 'transcript'>;

/** A trial whose command the registry refuses is not counted; the other trials continue. */
async function oneTrial(clients: Clients, registry: Registry, subject: TrialSubject): Promise<RunTrial> {
  const times = { boundMs: 0, reinstatedMs: 0, sentProbes: [], probes: [] };
  const { operatorId } = subject;
  try {
    const trial = await suspensionTrial(portsOf(clients, registry, subject, times), settings);
    return { ...trial, ...times, operatorId };
  } catch (error) {
    const reason = `the registry did not go along: ${toAppError(error).reason}`;
    const none = { getPriority: 0, assess: 0 };
    const nothing = { ...times, boundMs: 0, reinstatedMs: 0, operatorId };
    return { counted: false, reason, visibleMs: 0, late: none, pollsPerSecond: none, ...nothing };
  }
}

function portsOf(
  { clearance, transcript }: Clients,
  registry: Registry,
  { importer, row, operatorId, certificateId }: TrialSubject,
  times: Pick<RunTrial, 'boundMs' | 'reinstatedMs' | 'sentProbes' | 'probes'>,
): TrialPorts {
  const { suspendCertificate, reinstateCertificate } = registryService.RegistryServiceService;
  const named = { operatorId, certificateId };
  /** Executed once, however often it is retried. */
  const command = <T extends CommandAnswer>(
    name: 'suspendCertificate' | 'reinstateCertificate',
    ask: (call: { actor: string; idempotencyKey: string }) => Promise<T>,
  ) => {
    const idempotencyKey = randomUUID();
    return retryWhileUnavailable(() =>
      transcript.command({ command: name, ...named, idempotencyKey }, () =>
        ask({ actor: 'main-job', idempotencyKey }),
      ),
    );
  };
  return {
    getPriority: async () => {
      const identifier = homeIdentifier(importer);
      const answer = await clearance.priority(identifier, common.PartyRole.IMPORTER, row);
      return statusOf(answer.priority, [answer.match]);
    },
    assess: async () => {
      const probeId = `probe-${randomUUID()}`;
      times.sentProbes.push(probeId);
      // As a border system does, retry until there is an answer.
      const { decision, decidedAt } = await retryWhileUnavailable(() =>
        clearance.probe(probeId, importer, row),
      );
      times.probes.push(probeId);
      const benefit = decision?.assessments.some(({ credit }) => credit > 0) ?? false;
      const outcomes = decision?.matches.map(({ outcome }) => outcome) ?? [];
      return { status: statusOf(benefit, outcomes), decidedAtMs: decidedAt?.getTime() };
    },
    suspend: async () => {
      const request = { ...named, reason: 'a trial of the suspension path', effectiveFrom: undefined };
      const { answeredAt, effectiveFrom } = await command('suspendCertificate', (call) =>
        registry.call(suspendCertificate, request, call),
      );
      const answeredAtMs = answeredAt?.getTime() ?? Date.now();
      const effectiveFromMs = effectiveFrom?.getTime() ?? answeredAtMs;
      times.boundMs = Math.max(answeredAtMs, effectiveFromMs) + settings.boundMs;
      return { answeredAtMs, effectiveFromMs };
    },
    reinstate: async () => {
      times.reinstatedMs = Date.now();
      const request = { ...named, reason: 'the trial is over' };
      await command('reinstateCertificate', (call) => registry.call(reinstateCertificate, request, call));
    },
    nowMs: () => Date.now(),
    pause: async (ms) => {
      if (ms > 0) await pause(ms);
    },
  };
}

type CommandAnswer =
  registryService.SuspendCertificateResponse | registryService.ReinstateCertificateResponse;

function statusOf(benefit: boolean, outcomes: common.MatchOutcome[]): ObservedStatus {
  if (benefit) return 'benefit';
  return outcomes.includes(common.MatchOutcome.SUSPENDED) ? 'suspended' : 'other';
}
