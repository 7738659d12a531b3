import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { panelsOf } from '../../infra/grafana/panels.ts';
import { readDeclarationsFile } from '../../infra/main-job/input/declarations-file.ts';
import { demonstrationOnly } from '../../infra/main-job/certification/certify.ts';
import { runMainJob } from '../../infra/main-job/main-job.ts';
import { readOptions } from '../../infra/main-job/input/options.ts';
import { startRunServices, type RunServices } from '../../infra/main-job/services/run-services.ts';
import { eventually } from '../setup/eventually.ts';
import { processFolder } from '../setup/stack/process-folder.ts';
import { serviceStack } from '../setup/stack/service-stack.ts';
import { startPrometheus, type Prometheus } from '../setup/telemetry/prometheus.ts';

const folder = processFolder('dashboard');
const at = (name: string) => join(folder, name);
const stack = serviceStack(inject('stack'), folder);
const panels = panelsOf('infra/grafana/dashboards/clearance.json');
const startedMs = Date.now();
let services: RunServices;
let prometheus: Prometheus;

beforeAll(async () => {
  await forgetAdministrations();
  const giveUp = (reason: Error) => {
    throw reason;
  };
  services = await startRunServices(stack, { log: () => undefined, onGivenUp: giveUp });
  const { home } = services;
  const own = { tlsDirectory: home.tlsDirectory, caller: 'border-system' };
  prometheus = await startPrometheus(folder, {
    'aeo-registry': { target: home.registry.httpAddress, ...own },
    'risk-scoring': { target: home.risk.httpAddress, ...own },
    'clearance-priority': { target: home.clearance.httpAddress, ...own },
    'mutual-recognition': {
      target: home.exchange.httpAddress,
      tlsDirectory: at('run/tls/link'),
      caller: 'home',
    },
  });
  const [history, declarations] = ['2020', '2021-q1'].map((name) =>
    readDeclarationsFile(`infra/data/${name}.csv`),
  );
  history!.rows.splice(2_500);
  declarations!.rows.splice(200);
  const inputs = { history: history!, declarations: declarations!, programmes: demonstrationOnly };
  await runMainJob(stack, services, inputs, readOptions(['--rate', '60']));
}, 240_000);
/** The run is that of two administrations whose names other tests use on this broker as well. */
async function forgetAdministrations(): Promise<void> {
  const brokers = stack.kafkaBrokers.split(',');
  const admin = new Kafka({ clientId: 'tests', brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const theirs = (name: string) => /^(home|partner)\./.test(name);
  const topics = (await admin.listTopics()).filter(theirs);
  if (topics.length > 0) await admin.deleteTopics({ topics, timeout: 20_000 });
  const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter(theirs);
  if (groups.length > 0) await admin.deleteGroups(groups);
  await eventually(async () => expect((await admin.listTopics()).filter(theirs)).toEqual([]));
  await admin.disconnect();
}

afterAll(async () => {
  await prometheus?.stop();
  await services?.stop();
  rmSync(folder, { recursive: true });
});

test.each(panels)('the panel “$title” has data after a run', async ({ query }) => {
  const asked = query.replaceAll('$administration', 'home');
  await eventually(async () => expect(await prometheus.values(asked, startedMs), asked).not.toEqual([]));
});
