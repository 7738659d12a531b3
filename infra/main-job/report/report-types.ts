import type { AuditReport } from '../../auditor/report.ts';
import type { Certification } from '../certification/certification-step.ts';
import type { ExchangeFigures } from '../exchange/exchange-step.ts';
import type { LedgerFigures } from '../verification/ledger.ts';
import type { PersonalDataScan } from '../verification/personal-data.ts';
import type { RecordsProof } from '../verification/verify-records.ts';
import type { Capacity } from './capacity.ts';
import type { PairedEffect } from './paired-effect.ts';
import type { Interval } from './statistics.ts';

export type Group = {
  status: string;
  declarations: number;
  inspected: number;
  rate: number | null;
  ci95: Interval | null;
};

/** The figures of a run; every number is measured in it. */
export type Report = {
  declarations: number;
  accepted: number;
  /** Rows of the file that could not be used, and declarations the service refused. */
  refusedRows: number;
  refusedByService: { line: number; declarationId: string; code: string }[];
  decided: number;
  redecided: number;
  probes: number;
  degraded: Record<string, number>;
  decisionsPerSecond: number;
  latencyMs: { p50: number; p99: number };
  /** Streams that were opened again after one had ended. */
  reconnects: number;
  lanes: Record<'green' | 'yellow' | 'red' | 'blue', number>;
  groups: Group[];
  pairedEffect: PairedEffect[];
  findings: {
    inspected: number;
    found: number;
    precision: number | null;
    randomPrecision: number | null;
    randomInspected: number;
    missedAmongWaived: number;
  };
  suspension: {
    trials: number;
    notCounted: Record<string, number>;
    visibleMsP50: number | null;
    visibleMsP99: number | null;
    benefitsAfterBound: number;
    /** Its terms: rows of the ledger, recorded decisions, and priority answers that clients received. */
    late: { ledger: number; assess: number; getPriority: number };
  };
  ledger: LedgerFigures & { chainValid: boolean; chains: RecordsProof['streams'] };
  exchange: ExchangeFigures;
  /** What the auditor compared; its violations are also among those of the report. */
  audit: AuditReport;
  /** What score selects, which the capacity limits; rules and the random floor may exceed it. */
  capacity: Capacity;
  /** Declarations by the rule that hit. */
  ruleHits: Record<string, number>;
  certification: Certification;
  versions: Record<string, string>;
  settings: RunSettings;
  /** Found in the logs and metrics of the whole run. */
  personalValues: PersonalDataScan;
  /** Equalities that do not hold; empty in a sound run. */
  violations: string[];
  wallSeconds: number;
};

/** The options of the run, and settings that differ from the services' defaults. */
export type RunSettings = {
  rate: number;
  capacity: number;
  seed: number;
  /** Continued on the data of an earlier run. */
  continued: boolean;
  /** Each service was killed in turn while declarations arrived. */
  killed: boolean;
  scoreTimeoutMs: number;
};
