import { audit } from '../../../tests/auditor/audit.ts';
import type { AuditReport } from '../../../tests/auditor/report.ts';
import type { AdministrationSource, Sources } from '../../../tests/auditor/sources.ts';
import type { ServiceAccess } from '../service-process.ts';
import { administration, partnerAdministration } from './administrations.ts';
import type { ClearanceClient } from './clearance-client.ts';
import { demonstration } from './demonstration.ts';
import type { JobServices } from './run-services.ts';

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
