import { writeFileSync } from 'node:fs';
import { loadTls } from '@aeo/platform/grpc';
import type { Stack } from '../stack.ts';
import { certifyHistory } from './certify-history.ts';
import type { DeclarationsFile } from './declarations-file.ts';
import { runDeclarations } from './declarations-step.ts';
import { startHomeServices, type HomeServices } from './home-services.ts';
import { readLedger } from './ledger.ts';
import type { RunOptions } from './options.ts';
import { progressBars, type Progress } from './progress.ts';
import { buildReport, type Report } from './report.ts';
import { reportText } from './report-text.ts';
import { riskClient } from './risk-client.ts';

export type Inputs = { history: DeclarationsFile; declarations: DeclarationsFile };

export type Running = { sound: boolean; stop(): Promise<void> };

/**
 * History → training → certificates → declarations → report, on real services, which stay up until stopped. Sound
 * means that every equality of the report holds.
 */
export async function runMainJob(stack: Stack, inputs: Inputs, options: RunOptions): Promise<Running> {
  const startedMs = performance.now();
  const services = await startHomeServices(stack);
  const progress = progressBars(process.stdout);
  try {
    const report = await run(stack, services, inputs, options, { startedMs, progress });
    progress.stop();
    process.stdout.write(reportText(report));
    process.stdout.write(addressesText(services));
    if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
    return { sound: report.violations.length === 0, stop: services.stop };
  } catch (error) {
    progress.stop();
    await services.stop();
    throw error;
  }
}

type Watch = { startedMs: number; progress: Progress };

async function run(
  stack: Stack,
  services: HomeServices,
  { history, declarations }: Inputs,
  { seed, capacity, rate }: RunOptions,
  { startedMs, progress }: Watch,
): Promise<Report> {
  const tls = loadTls(services.tlsDirectory, 'border-system');
  const risk = riskClient(services.risk.address, tls);
  try {
    await risk.importHistory(history.rows, progress.step('history', history.rows.length));
    const trainingDone = progress.step('training', 1);
    const trained = await risk.train(seed, capacity);
    trainingDone(1);
    const { certified, certification } = await certifyHistory(
      stack,
      services.registry.address,
      tls,
      history.rows,
      progress,
    );
    const { rows, refused } = declarations;
    const outcome = await runDeclarations(stack, services, tls, { rows, certified, rate, seed }, progress);
    const ledger = await readLedger(services.clearance.databaseUrl, outcome.trials);
    return buildReport({
      ...{ rows, refused, outcome, ledger, certification, trained, seed },
      chainValid: null,
      exchange: { listed: 0, recognised: 0, refused: [] },
      seconds: (performance.now() - startedMs) / 1000,
    });
  } finally {
    await risk.stop();
  }
}

function addressesText({ risk, registry, clearance }: HomeServices): string {
  return `\ngRPC with mutual TLS: clearance-priority ${clearance.address}, aeo-registry ${registry.address}, risk-scoring ${risk.address}\n`;
}
