import { loadTls } from '@aeo/platform/grpc';
import type { riskService } from '@aeo/proto';
import type { Job } from '../job.ts';
import { riskClient } from './risk-client.ts';

/** Sends the history with its outcomes to risk-scoring, which trains its model on it. */
export async function trainOnHistory({
  services: { home },
  inputs,
  options,
  progress,
}: Pick<Job, 'services' | 'inputs' | 'options' | 'progress'>): Promise<riskService.TrainModelResponse> {
  const { rows } = inputs.history;
  const risk = riskClient(home.risk.address, loadTls(home.tlsDirectory, 'officer'));
  try {
    await risk.importHistory(rows, progress.step('history', rows.length));
    const onTrained = progress.step('training', 1);
    const trained = await risk.train(options.seed, options.capacity);
    onTrained(1);
    return trained;
  } finally {
    await risk.stop();
  }
}
