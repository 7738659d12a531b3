import { loadTls } from '@aeo/platform/grpc';
import { audit } from '../../auditor/audit.ts';
import type { AuditReport } from '../../auditor/report.ts';
import type { AdministrationSource } from '../../auditor/sources.ts';
import { readTranscript, recordTranscript } from '../../auditor/transcript.ts';
import type { ServiceAccess } from '../../local/services/service-process.ts';
import { clearanceClient, type ClearanceClient } from '../declarations/clearance-client.ts';
import { demonstration } from '../demonstration.ts';
import type { Job } from '../job.ts';
import { administration, partnerAdministration } from '../services/administrations.ts';

const boundMs = 2_000;

/** Checks what both administrations recorded against their topics and the transcript of the run's clients. */
export async function auditRun({ site, services, transcript }: Job): Promise<AuditReport> {
  await transcript.end();
  const { home } = services;
  const tls = loadTls(home.tlsDirectory, 'border-system');
  // The auditor's own requests are not part of the transcript that it checks.
  const clearance = clearanceClient(home.clearance.address, tls, recordTranscript());
  const { transcriptFile } = site;
  try {
    const transcripts = transcriptFile === undefined ? transcript.entries : readTranscript(transcriptFile);
    const administrations = [homeSource({ site, services }, clearance), ...partnerSource({ site, services })];
    return await audit({ boundMs, administrations, transcripts });
  } finally {
    await clearance.stop();
  }
}

type Sources = Pick<Job, 'site' | 'services'>;

function homeSource(
  { site: { kafkaBrokers }, services: { home } }: Sources,
  clearance: Pick<ClearanceClient, 'currentPriority'>,
): AdministrationSource {
  return {
    name: administration,
    kafkaBrokers,
    registry: recordsOf(home.registry),
    exchange: recordsOf(home.exchange),
    clearance: {
      ...recordsOf(home.clearance),
      country: demonstration.homeCountry,
      askPriority: clearance.currentPriority,
    },
  };
}

/** Empty where the partner's records cannot be read. */
function partnerSource({ site: { kafkaBrokers }, services: { partner } }: Sources): AdministrationSource[] {
  if (partner?.recorded === undefined) return [];
  const { registry, exchange, clearance } = partner.recorded;
  return [
    {
      name: partnerAdministration,
      kafkaBrokers,
      registry,
      exchange,
      clearance: { ...clearance, country: demonstration.partnerCountry },
    },
  ];
}

function recordsOf({ databaseUrl, proofKeyFile }: ServiceAccess) {
  return { databaseUrl, proofKeyFile };
}
