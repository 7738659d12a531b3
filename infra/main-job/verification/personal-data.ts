import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTls, type TlsFiles } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { findPersonalData, logTexts, metricTexts, type Text } from '../../auditor/personal-data.ts';
import { administration } from '../services/administrations.ts';
import type { Certified } from '../certification/certify.ts';
import { homeIdentifier, sellerIdentifier } from '../declarations/declaration-message.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';
import { operatorIdOf } from '../certification/operators.ts';
import type { JobServices } from '../job.ts';
import type { RunTrial } from '../suspension-trials/trials.ts';

/** The number of lines that were searched, and the place and kind of each personal value found. */
export type PersonalDataScan = { logLines: number; metricLines: number; found: string[] };

type Sources = { rows: readonly DeclarationRow[]; certified: Certified; trials: readonly RunTrial[] };

/**
 * Searches for the personal values of all inputs and of the records created from them, in the logs of the stack and of
 * the services, where they are available, and in the metrics of each service.
 */
export async function scanForPersonalData(
  services: JobServices,
  sources: Sources,
): Promise<PersonalDataScan> {
  const logs = services.logDirectory === undefined ? [] : logsOf(services.logDirectory);
  const metrics = await metricsOf(services);
  const findings = findPersonalData(personalData(sources), [...logs, ...metrics]);
  const found = [...new Set(findings.map(({ place, kind }) => `${kind} in ${place}`))];
  return { logLines: logs.length, metricLines: metrics.length, found };
}

/** Kind by value. Of a declaration its id and its parties are personal; offices, goods and countries are not. */
function personalData({ rows, certified, trials }: Sources): Map<string, string> {
  const values = new Map<string, string>();
  for (const { declarationId, importer, declarant, seller, courier } of rows) {
    values.set(declarationId, 'declaration');
    for (const identifier of [importer, declarant]) {
      values.set(identifier, 'identifier');
      values.set(operatorIdOf(homeIdentifier(identifier)), 'operator');
    }
    if (courier !== '') values.set(courier, 'identifier');
    if (seller === '') continue;
    values.set(seller, 'identifier');
    values.set(operatorIdOf(sellerIdentifier(seller)), 'operator');
  }
  for (const { operatorId, certificateId } of certified.certificates) {
    values.set(operatorId, 'operator');
    values.set(certificateId, 'certificate');
  }
  for (const id of trials.flatMap(({ sentProbes }) => sentProbes)) values.set(id, 'declaration');
  return values;
}

function logsOf(folder: string): Text[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return names.flatMap((name) => logTexts(name, readFileSync(join(folder, name), 'utf8')));
}

const bytesMax = 8_000_000;

/** The exchange answers its partners only, so a partner's certificate is used for it. */
async function metricsOf({ home, linkTlsDirectory }: JobServices): Promise<Text[]> {
  const caller = loadTls(home.tlsDirectory, 'border-system');
  const scraped: [name: string, address: string, tls: TlsFiles][] = [
    ['risk-scoring', home.risk.httpAddress, caller],
    ['aeo-registry', home.registry.httpAddress, caller],
    ['clearance-priority', home.clearance.httpAddress, caller],
  ];
  if (linkTlsDirectory !== undefined)
    scraped.push([
      'mutual-recognition',
      home.exchange.httpAddress,
      loadTls(linkTlsDirectory, administration),
    ]);
  const texts: Text[] = [];
  for (const [name, address, tls] of scraped) {
    const settings = { tls, timeoutMs: 10_000, bytesMax };
    const { status, body } = await mutualTlsRequest(`https://${address}/metrics`, settings);
    if (status !== 200) throw new Error(`${name} answers ${status} instead of its metrics`);
    texts.push(...metricTexts(`/metrics of ${name}`, body.toString()));
  }
  return texts;
}
