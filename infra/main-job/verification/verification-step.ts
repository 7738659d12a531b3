import type { Certified } from '../certification/certify.ts';
import type { Job } from '../job.ts';
import type { ReportInput } from '../report/report.ts';
import type { RunTrial } from '../suspension-trials/trials.ts';
import { auditRun } from './audit-step.ts';
import { readLedger } from './ledger.ts';
import { scanForPersonalData } from './personal-data.ts';
import { verifyRecords } from './verify-records.ts';

/** Reads the ledger, verifies the sealed records, audits both administrations and scans logs and metrics. */
export async function verifyRun(
  job: Job,
  certified: Certified,
  trials: RunTrial[],
): Promise<Pick<ReportInput, 'ledger' | 'proof' | 'audit' | 'personalValues'>> {
  const { site, services, inputs } = job;
  const { rows } = inputs.declarations;
  const ids = rows.map(({ declarationId }) => declarationId);
  const ledger = await readLedger(services.home.clearance.databaseUrl, ids, trials);
  const proof = await verifyRecords(site, services.home);
  const audit = await auditRun(job);
  const sources = { rows: [...inputs.history.rows, ...rows], certified, trials };
  return { ledger, proof, audit, personalValues: await scanForPersonalData(services, sources) };
}
