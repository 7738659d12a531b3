import { relative } from 'node:path';
import { loadTls } from '@aeo/platform/grpc';
import type { Endpoints } from '../stack.ts';
import { certifyHistory } from './certify-history.ts';
import type { DeclarationsFile } from './declarations-file.ts';
import { runDeclarations } from './declarations-step.ts';
import { exchangeLists, nothingExchanged } from './exchange-step.ts';
import type { HomeAccess } from './home-services.ts';
import { verifyRecords } from './verify-records.ts';
import type { JobServices } from './run-services.ts';
import { readLedger } from './ledger.ts';
import type { RunOptions } from './options.ts';
import { progressBars, type Progress } from './progress.ts';
import { scanPersonalValues } from './personal-values.ts';
import { buildReport, type Report } from './report.ts';
import { writeReport } from './report-file.ts';
import { reportText } from './report-text.ts';
import { scoreTimeoutMs } from './administrations.ts';
import { riskClient } from './risk-client.ts';

export type Inputs = { history: DeclarationsFile; declarations: DeclarationsFile };

/** Sound means that every equality of the report holds. */
export type Outcome = { sound: boolean };

/** History → training → certificates → exchange → declarations → report, on real services. */
export async function runMainJob(
  stack: Pick<Endpoints, 'kafkaBrokers'>,
  services: JobServices,
  inputs: Inputs,
  options: RunOptions,
): Promise<Outcome> {
  const progress = progressBars(process.stdout);
  try {
    const report = await run(stack, services, inputs, options, progress);
    progress.stop();
    process.stdout.write(reportText(report));
    if (options.report !== undefined) writeReport(options.report, report);
    return { sound: report.violations.length === 0 };
  } catch (error) {
    progress.stop();
    throw error;
  }
}

async function run(
  stack: Pick<Endpoints, 'kafkaBrokers'>,
  services: JobServices,
  { history, declarations }: Inputs,
  options: RunOptions,
  progress: Progress,
): Promise<Report> {
  const { seed, capacity, rate } = options;
  const { home, partner } = services;
  const tls = loadTls(home.tlsDirectory, 'border-system');
  const risk = riskClient(home.risk.address, loadTls(home.tlsDirectory, 'officer'));
  try {
    await risk.importHistory(history.rows, progress.step('history', history.rows.length));
    const trainingDone = progress.step('training', 1);
    const trained = await risk.train(seed, capacity);
    trainingDone(1);
    const { certified, certification } = await certifyHistory(
      stack,
      home.registry.address,
      loadTls(home.tlsDirectory, 'officer'),
      history.rows,
      progress,
    );
    const exchanged =
      partner === undefined
        ? nothingExchanged(history.rows)
        : await exchangeLists(home, partner, history.rows, progress);
    const { rows, refused } = declarations;
    const { recognised } = exchanged;
    const input = { rows, certified, recognised, rate, seed };
    const outcome = await runDeclarations(stack, home, tls, input, progress);
    const ids = rows.map(({ declarationId }) => declarationId);
    const ledger = await readLedger(home.clearance.databaseUrl, ids, outcome.trials);
    const sources = { rows: [...history.rows, ...rows], certified, trials: outcome.trials };
    const proof = await verifyRecords(stack, home);
    return buildReport({
      ...{ rows, refused, outcome, ledger, certification, trained },
      settings: { rate, capacity, seed, continued: options.keep, scoreTimeoutMs },
      proof,
      personalValues: await scanPersonalValues(services, sources),
      exchange: exchanged.figures,
      // Since the supervisor itself began: the start of the stack is part of the wait.
      seconds: process.uptime(),
    });
  } finally {
    await risk.stop();
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
