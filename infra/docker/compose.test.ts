import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { loadConfig as registryConfig } from '@aeo/aeo-registry';
import { loadConfig as clearanceConfig } from '@aeo/clearance-priority';
import { loadConfig as exchangeConfig } from '@aeo/mutual-recognition';
import { loadConfig as riskConfig } from '@aeo/risk-scoring';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { hostsOf, readComposeFile, type ComposeService } from './compose-file.ts';
import { prepareFiles } from './prepare-files.ts';

const compose = readComposeFile();
const services = Object.entries(compose.services);
const ours = services.filter(([, { environment }]) => environment?.['SERVICE'] !== undefined);
const folder = mkdtempSync(join(tmpdir(), 'prepared-'));
beforeAll(async () => void (await prepareFiles(folder)));
afterAll(() => rmSync(folder, { recursive: true }));

/** Has neither a shell nor a program for a health check; Prometheus scrapes it. */
const askedByPrometheus = ['otel-collector'];
const isOneShot = ({ restart }: ComposeService) => restart === 'no';

describe.each(services)('%s', (name, service) => {
  test('runs without root, without capabilities and within a limit of memory', () => {
    expect(String(service.user ?? 'root')).not.toMatch(/^(root|0)(:|$)/);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
  });

  test('is restarted when it ends, unless it runs once, and has a health check', () => {
    if (isOneShot(service)) return;
    expect(service.restart).toBe('unless-stopped');
    if (askedByPrometheus.includes(name)) expect(scrapedHosts()).toContain(name);
    else expect(service.healthcheck?.test[0]).toBe('CMD');
  });

  test('has an image version and a profile, and is reached from this machine alone', () => {
    expect(service.image).toMatch(/^[a-z/-]+:(v?\d+\.\d+[\d.]*|local)$/);
    expect(service.profiles).toHaveLength(1);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    for (const needed of Object.keys(service.depends_on ?? {}))
      expect(compose.services).toHaveProperty(needed);
    for (const volume of service.volumes ?? [])
      if (!volume.startsWith('.')) expect(compose.volumes).toHaveProperty(volume.split(':')[0] ?? '');
  });
});

test('each record is on two other brokers when one is lost', () => {
  const brokers = services.filter(([name]) => name.startsWith('kafka-'));
  expect(brokers).toHaveLength(3);
  expect(new Set(brokers.flatMap(([, { volumes }]) => volumes ?? [])).size).toBe(3);
  for (const [, { environment }] of brokers)
    expect(environment).toMatchObject({
      KAFKA_MIN_INSYNC_REPLICAS: 2,
      KAFKA_DEFAULT_REPLICATION_FACTOR: 3,
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: 3,
      KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE: 'false',
    });
  for (const [, { environment }] of ours) expect(environment?.['TOPIC_REPLICATION']).toBe(3);
});

const loaders: Record<string, (env: NodeJS.ProcessEnv) => unknown> = {
  'aeo-registry': registryConfig,
  'clearance-priority': clearanceConfig,
  'mutual-recognition': exchangeConfig,
  'risk-scoring': riskConfig,
};
/** Read by infra/docker/start.mjs and by the telemetry, not by the service. */
const readElsewhere = ['SERVICE', 'SETTINGS_FILE', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME'];

/** What a container of ours finds in its environment, and in the file that is prepared for it. */
function settingsOf({ environment = {} }: ComposeService): Record<string, string> {
  const own = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value)]));
  const file = join(folder, own['ADMINISTRATION'] ?? '', own['SERVICE'] ?? '', 'settings.env');
  return { ...(parseEnv(readFileSync(file, 'utf8')) as Record<string, string>), ...own };
}

describe.each(ours)('%s', (_, service) => {
  const owner = String(service.environment?.['ADMINISTRATION']);
  const name = String(service.environment?.['SERVICE']);

  test('has every setting it needs and no unknown one', () => {
    const settings = settingsOf(service);
    const known = new Set(readElsewhere);
    const watched = new Proxy(settings, {
      get: (target, key) => {
        known.add(String(key));
        return target[String(key)];
      },
    });
    loaders[name]?.(watched);
    expect(Object.keys(settings).filter((key) => !known.has(key))).toEqual([]);
  });

  test('writes only into the volume of its service', () => {
    expect(service.read_only).toBe(true);
    expect(service.volumes).toEqual([`${owner}-${name}:/var/lib/aeo`]);
    const paths = Object.entries(settingsOf(service)).filter(([key]) => /_(DIR|FILE)$/.test(key));
    for (const [, path] of paths) expect(path).toMatch(/^\/var\/lib\/aeo\//);
  });

  test('calls others by host names that exist and that are in their certificates', () => {
    const { RISK_ADDRESS, PARTNER_URL, KAFKA_BROKERS, REDIS_URL, DATABASE_URL } = settingsOf(service);
    const risk = RISK_ADDRESS?.split(':')[0];
    const partner = PARTNER_URL === undefined ? undefined : new URL(PARTNER_URL).hostname;
    const stores = [REDIS_URL, DATABASE_URL].map((url) =>
      url === undefined ? undefined : new URL(url).hostname,
    );
    const brokers = (KAFKA_BROKERS ?? '').split(',').map((broker) => broker.split(':')[0]);
    for (const host of [risk, partner, ...stores, ...brokers])
      if (host !== undefined) expect(hostsOf(compose)).toContain(host);
    if (risk !== undefined)
      expect(certificate(`${owner}/risk-scoring/tls/risk-scoring`).checkHost(risk)).toBe(risk);
    if (partner !== undefined)
      expect(certificate(`${partner}/mutual-recognition/link/${partner}`).checkHost(partner)).toBe(partner);
  });
});

function certificate(path: string): X509Certificate {
  return new X509Certificate(readFileSync(join(folder, `${path}.pem`)));
}

type Scrape = {
  job_name: string;
  tls_config?: { ca_file: string; cert_file: string; server_name: string };
  static_configs?: { targets: string[] }[];
  dns_sd_configs?: { names: string[] }[];
};

function scrapes(): Scrape[] {
  const path = fileURLToPath(new URL('../prometheus/prometheus.yml', import.meta.url));
  return (parse(readFileSync(path, 'utf8'), { merge: true }) as { scrape_configs: Scrape[] }).scrape_configs;
}

function scrapedHosts(): string[] {
  return scrapes().flatMap(({ static_configs = [], dns_sd_configs = [] }) => [
    ...static_configs.flatMap(({ targets }) => targets.map((target) => target.split(':')[0] ?? '')),
    ...dns_sd_configs.flatMap(({ names }) => names),
  ]);
}

test('Prometheus scrapes every service', () => {
  expect(scrapedHosts()).toEqual(expect.arrayContaining(ours.map(([name]) => name)));
});

test.each(scrapes().filter(({ tls_config }) => tls_config !== undefined))(
  '$job_name is scraped under a name in its certificate, with a certificate of the same authority',
  ({ job_name: job, tls_config: tls }) => {
    if (tls === undefined) throw new Error('without certificates');
    const local = (path: string) => path.replace('/etc/prometheus-certificates', join(folder, 'prometheus'));
    const authority = new X509Certificate(readFileSync(local(tls.ca_file)));
    const owner = job.startsWith('partner-') ? 'partner' : 'home';
    const service = job.replace('partner-', '');
    const served =
      service === 'mutual-recognition'
        ? certificate(`${owner}/${service}/link/${owner}`)
        : certificate(`${owner}/${service}/tls/${service}`);
    expect(served.verify(authority.publicKey)).toBe(true);
    expect(served.checkHost(tls.server_name)).toBe(tls.server_name);
    expect(new X509Certificate(readFileSync(local(tls.cert_file))).verify(authority.publicKey)).toBe(true);
  },
);
