import { expect } from 'vitest';
import { audit } from '../../../infra/auditor/audit.ts';
import { auditText, type AuditReport } from '../../../infra/auditor/report.ts';
import type { Sources } from '../../../infra/auditor/sources.ts';

/** Audits what a fault left behind; fails with every violation named, and where nothing was compared at all. */
export async function expectSound(sources: Sources): Promise<AuditReport> {
  const report = await audit(sources);
  const text = auditText(report);
  expect(report.violations, text).toEqual([]);
  expect(
    Object.values(report.checked).some((compared) => compared > 0),
    text,
  ).toBe(true);
  return report;
}
