import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePort } from '../../../infra/local/processes/ports.ts';
import { startReady } from '../../../infra/local/processes/readiness.ts';
import { promtool } from '../../../infra/prometheus/promtool.ts';

type Tls = { ca_file: string; cert_file: string; key_file: string; server_name: string };
type Scrape = { job_name: string; tls_config: Tls; static_configs?: { targets: string[] }[] };
type Config = { global: Record<string, string>; rule_files: string[]; scrape_configs: Scrape[] };

/** Where one of the deployed jobs finds its service here: host:port, and whose certificate it shows. */
export type LocalTarget = { target: string; tlsDirectory: string; caller: string };

export type Prometheus = {
  /** Every finite value a query had since `fromMs`, once a second. */
  values: (query: string, fromMs: number) => Promise<number[]>;
  stop: () => Promise<void>;
};

/** Starts a real Prometheus on the deployed rules and jobs, with the addresses and certificates of these services. */
export async function startPrometheus(
  folder: string,
  targets: Readonly<Record<string, LocalTarget>>,
): Promise<Prometheus> {
  const program = await promtool(join(process.cwd(), '.local'), new AbortController().signal);
  const port = await freePort();
  const data = join(folder, 'prometheus');
  mkdirSync(data, { recursive: true });
  const configFile = join(folder, 'prometheus.yml');
  writeFileSync(configFile, stringify(localConfig(targets)));
  const url = `http://127.0.0.1:${port}`;
  const child = await startReady(
    {
      name: 'prometheus',
      command: program.replace(/promtool$/, 'prometheus'),
      args: [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${data}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      logFile: join(folder, 'prometheus.log'),
      pidFolder: folder,
    },
    () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    { boundMs: 20_000 },
  );
  return { values: (query, fromMs) => valuesOf(url, query, fromMs), stop: () => child.stop(5_000) };
}

function localConfig(targets: Readonly<Record<string, LocalTarget>>): Config {
  const path = 'infra/prometheus/prometheus.yml';
  const config = parse(readFileSync(path, 'utf8'), { merge: true }) as Config;
  const jobs = config.scrape_configs.filter(({ job_name }) => Object.hasOwn(targets, job_name));
  return {
    global: { ...config.global, scrape_interval: '1s', scrape_timeout: '1s' },
    rule_files: config.rule_files.map((each) => join(process.cwd(), 'infra/prometheus', each)),
    scrape_configs: jobs.map((job) => {
      const { target, tlsDirectory, caller } = targets[job.job_name]!;
      const [served] = job.static_configs ?? [];
      const file = (name: string) => join(tlsDirectory, name);
      const own = { cert_file: file(`${caller}.pem`), key_file: file(`${caller}.key.pem`) };
      return {
        ...job,
        tls_config: { ...job.tls_config, ca_file: file('ca.pem'), ...own },
        static_configs: [{ ...served, targets: [target] }],
      };
    }),
  };
}

type Answer = { data: { result: { values: [number, string][] }[] }; error?: string };

async function valuesOf(url: string, query: string, fromMs: number): Promise<number[]> {
  const range = { start: String(fromMs / 1000), end: String(Date.now() / 1000), step: '1' };
  const asked = new URLSearchParams({ query, ...range }).toString();
  const response = await fetch(`${url}/api/v1/query_range?${asked}`);
  const { data, error } = (await response.json()) as Answer;
  if (error !== undefined) throw new Error(`${query}: ${error}`);
  return data.result
    .flatMap(({ values }) => values.map(([, value]) => Number(value)))
    .filter(Number.isFinite);
}
