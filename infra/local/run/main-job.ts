import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTls } from '@aeo/platform/grpc';
import { createCertificates } from '../certificates.ts';
import { startService, type ServiceProcess } from '../service-process.ts';
import type { Stack } from '../stack.ts';
import { certifyHistory } from './certify-history.ts';
import type { DeclarationsFile } from './declarations-file.ts';
import type { RunOptions } from './options.ts';
import { progressBars } from './progress.ts';
import { riskClient } from './risk-client.ts';
import { reportText, scoringReport } from './scoring-report.ts';

export type Inputs = { history: DeclarationsFile; declarations: DeclarationsFile };

export type Running = { stop(): Promise<void> };

const administration = 'home';

/** History → training → certificates → scores of what arrives → report, on real services. They stay up until stopped. */
export async function runMainJob(stack: Stack, inputs: Inputs, options: RunOptions): Promise<Running> {
  const startedMs = performance.now();
  const tlsDirectory = join(stack.folders.run, 'tls', administration);
  await createCertificates(tlsDirectory, ['risk-scoring', 'aeo-registry', 'border-system']);
  const services = await startServices(stack, tlsDirectory);
  const [risk, registry] = services;
  const tls = loadTls(tlsDirectory, 'border-system');
  const client = riskClient(risk.address, tls);
  const stop = async () => {
    await Promise.all(services.map(({ child }) => child.stop(10_000)));
  };
  const progress = progressBars(process.stdout);
  try {
    const { history, declarations } = inputs;
    await client.importHistory(history.rows, progress.step('history', history.rows.length));
    const trainingDone = progress.step('training', 1);
    const trained = await client.train(options.seed, options.capacity);
    trainingDone(1);
    const certification = await certifyHistory(stack, registry.address, tls, history.rows, progress);
    const scores = await client.scores(declarations.rows, progress.step('scoring', declarations.rows.length));
    progress.stop();
    const seconds = (performance.now() - startedMs) / 1000;
    const report = scoringReport({ ...inputs, trained, certification, scores, seconds });
    process.stdout.write(reportText(report));
    process.stdout.write(
      `\ngRPC with mutual TLS: risk-scoring ${risk.address}, aeo-registry ${registry.address}\n`,
    );
    if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    progress.stop();
    await stop();
    throw error;
  } finally {
    await client.stop();
  }
  return { stop };
}

type TwoServices = [risk: ServiceProcess, registry: ServiceProcess];

/** Both or none: where one does not start, the other is stopped. */
async function startServices(stack: Stack, tlsDirectory: string): Promise<TwoServices> {
  const start = (service: string) => startService(stack, administration, service, tlsDirectory);
  const [risk, registry] = await Promise.allSettled([start('risk-scoring'), start('aeo-registry')]);
  if (risk.status === 'fulfilled' && registry.status === 'fulfilled') return [risk.value, registry.value];
  for (const each of [risk, registry]) if (each.status === 'fulfilled') await each.value.child.stop(10_000);
  throw [risk, registry].find((each) => each.status === 'rejected')?.reason;
}
