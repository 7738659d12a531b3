import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { signalGroup } from '../../../infra/local/processes/pid-files.ts';
import { freePort } from '../../../infra/local/processes/ports.ts';
import { startKafka, type KafkaOptions } from '../../../infra/local/kafka/kafka.ts';
import { processFolder } from './process-folder.ts';

/** A broker for one test, which may stop it. */
export type OwnBroker = {
  brokers: string;
  /** Ends it at once, as a machine that loses its power does to its processes. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** What was killed is taken for alive until its session ends, and cannot come back before. */
const quick = { 'broker.session.timeout.ms': 3_000, 'broker.heartbeat.interval.ms': 500 };

/** @param settings broker settings beyond those of the local stack */
export async function startOwnBroker(settings: KafkaOptions['settings'] = {}): Promise<OwnBroker> {
  const folder = processFolder('broker');
  const at = (name: string) => join(folder, name);
  const downloads = join(process.cwd(), '.local', 'downloads');
  const folders = { downloads, data: at('data'), logs: at('logs'), run: at('run'), fresh: true };
  const site = { folders, log: () => undefined, shutdown: new AbortController().signal };
  const ports = { port: await freePort(), controllerPort: await freePort() };
  const options = { ports, boundMs: 60_000, settings: { ...quick, ...settings } };
  let current = await startKafka(site, options);
  return {
    brokers: current.address,
    kill: async () => {
      signalGroup(current.part.process.pid ?? 0, 'SIGKILL');
      await current.part.exited;
    },
    restart: async () => void (current = await startKafka(site, options)),
    stop: async () => {
      await current.part.stop(8_000);
      rmSync(folder, { recursive: true });
    },
  };
}
