import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTls } from '@aeo/platform/grpc';
import { createCertificates } from '../certificates.ts';
import { startService } from '../service-process.ts';
import type { Stack } from '../stack.ts';
import type { DeclarationsFile } from './declarations-file.ts';
import type { RunOptions } from './options.ts';
import { progressBars } from './progress.ts';
import { riskClient } from './risk-client.ts';
import { reportText, scoringReport } from './scoring-report.ts';

export type Inputs = { history: DeclarationsFile; declarations: DeclarationsFile };

export type Running = { stop(): Promise<void> };

const administration = 'home';

/** History → training → scores of what arrives → report, on real services. They stay up until stopped. */
export async function runMainJob(stack: Stack, inputs: Inputs, options: RunOptions): Promise<Running> {
  const startedMs = performance.now();
  const tlsDirectory = join(stack.folders.run, 'tls', administration);
  await createCertificates(tlsDirectory, ['risk-scoring', 'border-system']);
  const risk = await startService(stack, administration, 'risk-scoring', tlsDirectory);
  const client = riskClient(risk.address, loadTls(tlsDirectory, 'border-system'));
  const progress = progressBars(process.stdout);
  try {
    const { history, declarations } = inputs;
    await client.importHistory(history.rows, progress.step('history', history.rows.length));
    const trainingDone = progress.step('training', 1);
    const trained = await client.train(options.seed, options.capacity);
    trainingDone(1);
    const scores = await client.scores(declarations.rows, progress.step('scoring', declarations.rows.length));
    progress.stop();
    const seconds = (performance.now() - startedMs) / 1000;
    const report = scoringReport({ ...inputs, trained, scores, seconds });
    process.stdout.write(reportText(report));
    process.stdout.write(`\nrisk-scoring answers gRPC with mutual TLS on ${risk.address}\n`);
    if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    progress.stop();
    await risk.child.stop(10_000);
    throw error;
  } finally {
    await client.stop();
  }
  return { stop: () => risk.child.stop(10_000) };
}
