import { audit } from '../../auditor/audit.ts';
import type { AuditReport } from '../../auditor/report.ts';
import type { AdministrationSource, Sources } from '../../auditor/sources.ts';
import type { ServiceAccess } from '../../local/services/service-process.ts';
import { administration, partnerAdministration } from '../services/administrations.ts';
import type { ClearanceClient } from '../declarations/clearance-client.ts';
import { demonstration } from '../demonstration.ts';
import type { JobServices } from '../services/run-services.ts';

const boundMs = 2_000;

/** Holds what both administrations recorded against their topics and against what the run's clients really got. */
export function auditRun(
  { kafkaBrokers }: { kafkaBrokers: string },
  { home, partner }: JobServices,
  clearance: Pick<ClearanceClient, 'standing'>,
  transcripts: Sources['transcripts'],
): Promise<AuditReport> {
  const ours: AdministrationSource = {
    name: administration,
    kafkaBrokers,
    registry: recorded(home.registry),
    exchange: recorded(home.exchange),
    clearance: {
      ...recorded(home.clearance),
      country: demonstration.homeCountry,
      askPriority: clearance.standing,
    },
  };
  const abroad = partner?.recorded && {
    name: partnerAdministration,
    kafkaBrokers,
    ...partner.recorded,
    clearance: { ...partner.recorded.clearance, country: demonstration.partnerCountry },
  };
  return audit({ boundMs, administrations: abroad === undefined ? [ours] : [ours, abroad], transcripts });
}

function recorded({ databaseUrl, proofKeyFile }: ServiceAccess) {
  return { databaseUrl, proofKeyFile };
}
