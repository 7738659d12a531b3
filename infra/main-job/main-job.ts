import { relative } from 'node:path';
import { readTranscript, recordTranscript, type Transcript } from '../auditor/transcript.ts';
import type { AuditReport } from '../auditor/report.ts';
import { loadTls } from '@aeo/platform/grpc';
import type { Endpoints } from '../local/stack-types.ts';
import { auditRun } from './verification/audit-step.ts';
import { clearanceClient } from './declarations/clearance-client.ts';
import { certifyHistory } from './certification/certify-history.ts';
import type { Programmes } from './certification/generated-facts.ts';
import type { DeclarationsFile } from './input/declarations-file.ts';
import { runDeclarations } from './declarations/declarations-step.ts';
import { exchangeAgain, exchangeLists, nothingExchanged } from './exchange/exchange-step.ts';
import type { HomeAccess } from './services/home-services.ts';
import { killInTurn, type Disturbance } from './services/kill-services.ts';
import { verifyRecords } from './verification/verify-records.ts';
import type { JobServices } from './services/run-services.ts';
import { readLedger } from './verification/ledger.ts';
import type { RunOptions } from './input/options.ts';
import { progressBars, type Progress } from './progress.ts';
import { scanPersonalValues } from './verification/personal-values.ts';
import { certificatesOnTrial } from './certification/programme-figures.ts';
import { buildReport, type Report } from './report/report.ts';
import { writeReport } from './report/report-file.ts';
import { reportText } from './report/report-text.ts';
import { scoreTimeoutMs } from './services/administrations.ts';
import { riskClient } from './training/risk-client.ts';

export type Inputs = {
  history: DeclarationsFile;
  declarations: DeclarationsFile;
  /** Under which firms are certified. */
  programmes: Programmes;
};

/** Sound means that every equality of the report holds. */
export type Outcome = { sound: boolean };

/** What the main job runs on. */
export type JobSite = Pick<Endpoints, 'kafkaBrokers'> & {
  /** Where the transcript of the run's clients goes; it is kept in memory without. */
  transcriptFile?: string;
};

/** History → training → certificates → exchange → declarations → report and audit, on real services. */
export async function runMainJob(
  site: JobSite,
  services: JobServices,
  inputs: Inputs,
  options: RunOptions,
): Promise<Outcome> {
  const progress = progressBars(process.stdout);
  const notes = recordTranscript(site.transcriptFile);
  try {
    const report = await run({ site, services, inputs, options, progress, notes });
    progress.stop();
    process.stdout.write(reportText(report));
    if (options.report !== undefined) writeReport(options.report, report);
    return { sound: report.violations.length === 0 };
  } finally {
    progress.stop();
    await notes.end();
  }
}

type Job = {
  site: JobSite;
  services: JobServices;
  inputs: Inputs;
  options: RunOptions;
  progress: Progress;
  /** What every client of the run asks and gets. */
  notes: Transcript;
};

async function run(job: Job): Promise<Report> {
  const { site, services, inputs, options, progress, notes } = job;
  const { seed, rate } = options;
  const { home, partner } = services;
  const { history } = inputs;
  const officer = loadTls(home.tlsDirectory, 'officer');
  const risk = riskClient(home.risk.address, officer);
  try {
    await risk.importHistory(history.rows, progress.step('history', history.rows.length));
    const trainingDone = progress.step('training', 1);
    const trained = await risk.train(seed, options.capacity);
    trainingDone(1);
    const { certified, certification } = await certifyHistory(
      site,
      home.registry.address,
      officer,
      history.rows,
      progress,
      notes.note,
      inputs.programmes,
    );
    const exchanged =
      partner === undefined
        ? nothingExchanged(history.rows)
        : await exchangeLists(home, partner, history.rows, progress, notes.note);
    const { rows, refused } = inputs.declarations;
    const { recognised } = exchanged;
    const onTrial = certificatesOnTrial(inputs.programmes.runs, certified);
    const input = { rows, onTrial, recognised, rate, seed, notes, disturbance: disturbanceOf(job) };
    const tls = loadTls(home.tlsDirectory, 'border-system');
    const outcome = await runDeclarations(site, home, tls, input, progress);
    const ids = rows.map(({ declarationId }) => declarationId);
    const ledger = await readLedger(home.clearance.databaseUrl, ids, outcome.trials);
    const sources = { rows: [...history.rows, ...rows], certified, trials: outcome.trials };
    const proof = await verifyRecords(site, home);
    return buildReport({
      rows,
      refused,
      outcome,
      ledger,
      certification,
      trained,
      settings: settingsOf(options),
      proof,
      audit: await auditOf(job),
      personalValues: await scanPersonalValues(services, sources),
      exchange: exchanged.figures,
      // Since the supervisor itself began: the start of the stack is part of the wait.
      seconds: process.uptime(),
    });
  } finally {
    await risk.stop();
  }
}

function settingsOf({ rate, capacity, seed, keep, killServices }: RunOptions): Report['settings'] {
  return { rate, capacity, seed, continued: keep, killed: killServices, scoreTimeoutMs };
}

function disturbanceOf({ services, inputs, options }: Job): Disturbance | undefined {
  const { home, partner, supervised } = services;
  if (!options.killServices || supervised === undefined) return undefined;
  return killInTurn({
    services: supervised,
    declarations: inputs.declarations.rows.length,
    tell: (line) => void process.stdout.write(`${line}\n`),
    afterEach: () => (partner === undefined ? Promise.resolve() : exchangeAgain(home, partner)),
  });
}

/** From the transcript as it was written: nobody notes anything any more. */
async function auditOf({ site, services, notes }: Job): Promise<AuditReport> {
  await notes.end();
  const { home } = services;
  const unnoted = recordTranscript();
  const clearance = clearanceClient(
    home.clearance.address,
    loadTls(home.tlsDirectory, 'border-system'),
    unnoted,
  );
  const { transcriptFile } = site;
  try {
    const transcripts = transcriptFile === undefined ? notes.entries : readTranscript(transcriptFile);
    return await auditRun(site, services, clearance, transcripts);
  } finally {
    await clearance.stop();
  }
}

/** Where callers find our services, and with what, for the terminal. */
export function addressesText({ risk, registry, exchange, clearance, tlsDirectory }: HomeAccess): string {
  const services = { 'clearance-priority': clearance, 'aeo-registry': registry };
  const rest = Object.entries(services).map(([name, { httpAddress }]) => `  ${name} https://${httpAddress}`);
  const grpc = { ...services, 'mutual-recognition': exchange, 'risk-scoring': risk };
  return [
    '',
    `Certificates for callers: ${relative(process.cwd(), tlsDirectory)} (ca.pem; border-system.pem, border-system.key.pem; officer.pem, officer.key.pem for the registry's commands)`,
    'REST (each with /openapi.json, /readyz, /metrics)',
    ...rest,
    'gRPC with reflection',
    ...Object.entries(grpc).map(([name, { address }]) => `  ${name} ${address}`),
    '',
  ].join('\n');
}
