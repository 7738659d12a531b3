import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { grpcClient, type TlsFiles } from '@aeo/platform/grpc';
import { common, registryService } from '@aeo/proto';
import type { Certified } from './certify.ts';
import type { ClearanceClient } from './clearance-client.ts';
import { homeIdentifier } from './declaration-message.ts';
import type { DeclarationRow } from './declaration-row.ts';
import { operatorIdOf } from './operators.ts';
import { seededRandom } from './statistics.ts';
import { suspensionTrial, type Trial, type TrialPorts } from './suspension-trial.ts';

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
  /** Declaration ids of the probes that were answered. */
  probes: string[];
};

const settings = { pollEveryMs: 15, boundMs: 2_000, watchAfterBoundMs: 300, beforeMs: 700 };
export const lanesOfTrials = 4;

/** Importers of the declarations that hold a certificate, in an order of the seed's. */
export function trialSubjects(rows: DeclarationRow[], certified: Certified, seed: number): TrialSubject[] {
  const subjects = new Map<string, TrialSubject>();
  for (const row of rows) {
    const operatorId = operatorIdOf(homeIdentifier(row.importer));
    const certificate = certified.certificates.get(operatorId);
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
  subjects: TrialSubject[];
  /** Trials begin until this is aborted; those under way are ended properly. */
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
      trials.push(await oneTrial(options.clearance, registry, subject));
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

async function oneTrial(
  clearance: ClearanceClient,
  registry: Registry,
  subject: TrialSubject,
): Promise<RunTrial> {
  const times = { boundMs: 0, reinstatedMs: 0, probes: [] };
  const trial = await suspensionTrial(portsOf(clearance, registry, subject, times), settings);
  return { ...trial, ...times, operatorId: subject.operatorId };
}

function portsOf(
  clearance: ClearanceClient,
  registry: Registry,
  { importer, row, operatorId, certificateId }: TrialSubject,
  times: Pick<RunTrial, 'boundMs' | 'reinstatedMs' | 'probes'>,
): TrialPorts {
  const { suspendCertificate, reinstateCertificate } = registryService.RegistryServiceService;
  const named = { operatorId, certificateId };
  const actor = { actor: 'main-job' };
  return {
    getPriority: async () =>
      (await clearance.priority(homeIdentifier(importer), common.PartyRole.IMPORTER, row)).priority,
    assess: async () => {
      const probeId = `probe-${randomUUID()}`;
      const answer = await clearance.probe(probeId, importer, row);
      times.probes.push(probeId);
      const benefit = answer.decision?.assessments.some(({ credit }) => credit > 0) ?? false;
      return { benefit, decidedAtMs: answer.decidedAt?.getTime() };
    },
    suspend: async () => {
      const request = { ...named, reason: 'a trial of the suspension path', effectiveFrom: undefined };
      const { answeredAt, effectiveFrom } = await registry.call(suspendCertificate, request, actor);
      const answeredAtMs = answeredAt?.getTime() ?? Date.now();
      const effectiveFromMs = effectiveFrom?.getTime() ?? answeredAtMs;
      times.boundMs = Math.max(answeredAtMs, effectiveFromMs) + settings.boundMs;
      return { answeredAtMs, effectiveFromMs };
    },
    reinstate: async () => {
      times.reinstatedMs = Date.now();
      await registry.call(reinstateCertificate, { ...named, reason: 'the trial is over' }, actor);
    },
    nowMs: () => Date.now(),
    pause: async (ms) => {
      if (ms > 0) await pause(ms);
    },
  };
}
