import type { AuditReport } from '../../auditor/report.ts';
import type { clearanceDecision, riskService } from '@aeo/proto';
import type { Certification } from '../certification/certification-step.ts';
import type { DeclarationsOutcome } from '../declarations/declarations-step.ts';
import type { DeclarationsFile } from '../input/declarations-file.ts';
import type { LedgerFigures } from '../verification/ledger.ts';
import type { PersonalDataScan } from '../verification/personal-data.ts';
import type { RecordsProof } from '../verification/verify-records.ts';
import { capacityOf } from './capacity.ts';
import { degradedOf, findingsOf, groupsOf, lanesOf, ruleHitsOf, suspensionOf } from './figures.ts';
import { pairedEffects } from './paired-effect.ts';
import type { Report, RunSettings } from './report-types.ts';
import { quantile } from './statistics.ts';
import { violationsOf } from './violations.ts';

export type ReportInput = {
  declarations: DeclarationsFile;
  outcome: DeclarationsOutcome;
  ledger: { figures: LedgerFigures; decisions: clearanceDecision.Decision[] };
  proof: RecordsProof;
  personalValues: PersonalDataScan;
  audit: AuditReport;
  exchange: Report['exchange'];
  certification: Certification;
  trained: riskService.TrainModelResponse;
  settings: RunSettings;
  seconds: number;
};

/** Outcomes of rows that were not inspected are read here only, for the final figures. */
export function buildReport(input: ReportInput): Report {
  const { outcome, ledger, settings } = input;
  const { rows, refused } = input.declarations;
  const { sent, trials } = outcome;
  const findingOf = new Map(rows.map((row) => [row.declarationId, row.finding]));
  const lineOf = new Map(rows.map(({ declarationId, line }) => [declarationId, line]));
  const scored = ledger.decisions.map((decision) => ({
    decision,
    finding: findingOf.get(decision.declarationId) ?? false,
  }));
  const latencies = sent.latenciesMs.toSorted((a, b) => a - b);
  const report: Report = {
    declarations: rows.length + refused.length,
    accepted: sent.decided,
    refusedRows: refused.length + sent.refused.length,
    refusedByService: sent.refused.map(({ declarationId, code }) => ({
      line: lineOf.get(declarationId) ?? 0,
      declarationId,
      code,
    })),
    decided: scored.length,
    redecided: ledger.figures.earlierRevisions,
    probes: ledger.figures.probes,
    degraded: degradedOf(ledger.decisions),
    decisionsPerSecond: sent.decided / Math.max(0.001, sent.seconds),
    latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
    reconnects: sent.reconnects,
    lanes: lanesOf(ledger.decisions),
    groups: groupsOf(ledger.decisions),
    pairedEffect: pairedEffects(scored, settings.seed),
    findings: findingsOf(scored),
    suspension: suspensionOf(trials, ledger.figures.benefitsAfterBound),
    ledger: { ...ledger.figures, chainValid: input.proof.valid, chains: input.proof.streams },
    exchange: input.exchange,
    audit: input.audit,
    capacity: capacityOf(ledger.decisions, input.trained.thresholds?.capacityPermille ?? 0),
    ruleHits: ruleHitsOf(ledger.decisions),
    certification: input.certification,
    versions: versionsOf(input),
    settings,
    personalValues: input.personalValues,
    violations: [],
    wallSeconds: input.seconds,
  };
  return { ...report, violations: violationsOf(report, outcome) };
}

function versionsOf({ trained, ledger }: ReportInput): Record<string, string> {
  const tables = ledger.decisions.flatMap(({ assessments }) =>
    assessments.map(({ thresholdTableVersion }) => thresholdTableVersion),
  );
  const lowest = tables.reduce((low, each) => (each < low ? each : low), tables[0] ?? 0n);
  const highest = tables.reduce((high, each) => (each > high ? each : high), 0n);
  return {
    model: String(trained.modelVersion),
    modelId: trained.modelId,
    dataHash: trained.dataHash.toString('hex'),
    firstThresholdTable: String(lowest),
    lastThresholdTable: String(highest),
    mandatoryRuleSet: String(ledger.decisions[0]?.mandatorySetVersion ?? 0),
    ruleSet: String(ledger.decisions[0]?.ruleSetVersion ?? 0),
    node: process.version,
  };
}
