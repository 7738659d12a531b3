import { invariants, type AuditReport } from '../../auditor/report.ts';
import { common, type clearanceDecision, type riskService } from '@aeo/proto';
import { capacityOf, type Capacity } from './capacity.ts';
import type { Certification } from '../certification/certify-history.ts';
import type { DeclarationRow, RowDefect } from '../input/declaration-row.ts';
import type { ExchangeFigures } from '../exchange/exchange-step.ts';
import type { DeclarationsOutcome } from '../declarations/declarations-step.ts';
import type { LedgerFigures } from '../verification/ledger.ts';
import { creditedParty, pairedEffects, type PairedEffect } from './paired-effect.ts';
import type { PersonalValues } from '../verification/personal-values.ts';
import type { RecordsProof } from '../verification/verify-records.ts';
import { quantile, wilson, type Interval } from './statistics.ts';

const { Lane, NoBenefitReason } = common;

export type Group = {
  status: string;
  declarations: number;
  inspected: number;
  rate: number | null;
  ci95: Interval | null;
};

/** What a run came to; every number is measured in it. */
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
    /** What it is the sum of: rows of the ledger, recorded decisions and answers of priority that clients got. */
    late: { ledger: number; assess: number; getPriority: number };
  };
  ledger: LedgerFigures & { chainValid: boolean; chains: RecordsProof['streams'] };
  exchange: ExchangeFigures;
  /** What was held against what; violations stand among those of the report, too. */
  audit: AuditReport;
  /** What score selects, which is held to a capacity; rules and the random floor may exceed it. */
  capacity: Capacity;
  /** Rules that hit, and on how many declarations. */
  ruleHits: Record<string, number>;
  certification: Certification;
  versions: Record<string, string>;
  settings: RunSettings;
  /** Of the logs and metrics of the whole run. */
  personalValues: PersonalValues;
  /** Equalities that do not hold; empty in a sound run. */
  violations: string[];
  wallSeconds: number;
};

/** What the run was asked for, and what it set otherwise than a service would by itself. */
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

export type ReportInput = {
  rows: DeclarationRow[];
  refused: RowDefect[];
  outcome: DeclarationsOutcome;
  ledger: { figures: LedgerFigures; decisions: clearanceDecision.Decision[] };
  proof: RecordsProof;
  personalValues: PersonalValues;
  audit: AuditReport;
  exchange: Report['exchange'];
  certification: Certification;
  trained: riskService.TrainModelResponse;
  settings: RunSettings;
  seconds: number;
};

/** Outcomes of rows that nobody inspected are read here, for the final scoring, and nowhere else. */
export function buildReport(input: ReportInput): Report {
  const { rows, outcome, ledger, settings } = input;
  const { transcript, trials } = outcome;
  const findingOf = new Map(rows.map((row) => [row.declarationId, row.finding]));
  const lineOf = new Map(rows.map(({ declarationId, line }) => [declarationId, line]));
  const scored = ledger.decisions.map((decision) => ({
    decision,
    finding: findingOf.get(decision.declarationId) ?? false,
  }));
  const latencies = transcript.latenciesMs.toSorted((a, b) => a - b);
  const report: Report = {
    declarations: rows.length + input.refused.length,
    accepted: transcript.decided,
    refusedRows: input.refused.length + transcript.refused.length,
    refusedByService: transcript.refused.map(({ declarationId, code }) => ({
      line: lineOf.get(declarationId) ?? 0,
      declarationId,
      code,
    })),
    decided: scored.length,
    redecided: ledger.figures.earlierRevisions,
    probes: ledger.figures.probes,
    degraded: degradedOf(ledger.decisions),
    decisionsPerSecond: transcript.decided / Math.max(0.001, transcript.seconds),
    latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
    reconnects: transcript.reconnects,
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

type Scored = { decision: clearanceDecision.Decision; finding: boolean };

function degradedOf(decisions: clearanceDecision.Decision[]): Record<string, number> {
  const degraded: Record<string, number> = {};
  for (const reason of decisions.flatMap(({ noBenefit }) => noBenefit)) {
    const name = Object.entries(NoBenefitReason).find(([, value]) => value === reason)?.[0] ?? String(reason);
    degraded[name.toLowerCase()] = (degraded[name.toLowerCase()] ?? 0) + 1;
  }
  return degraded;
}

function lanesOf(decisions: clearanceDecision.Decision[]): Report['lanes'] {
  const count = (lane: number) => decisions.filter((decision) => decision.lane === lane).length;
  return {
    green: count(Lane.GREEN),
    yellow: count(Lane.YELLOW),
    red: count(Lane.RED),
    blue: count(Lane.BLUE),
  };
}

function ruleHitsOf(decisions: clearanceDecision.Decision[]): Record<string, number> {
  const hits: Record<string, number> = {};
  for (const { ruleId } of decisions.flatMap(({ ruleHits }) => ruleHits))
    hits[ruleId] = (hits[ruleId] ?? 0) + 1;
  return hits;
}

const statuses = ['none', 'tier-1', 'tier-2', 'partner'];

/** By the status that counted; a declaration to which no status gave a credit belongs to `none`. */
function groupsOf(decisions: clearanceDecision.Decision[]): Group[] {
  const statusOf = (decision: clearanceDecision.Decision) => creditedParty(decision)?.status ?? 'none';
  return statuses.map((status) => {
    const group = decisions.filter((decision) => statusOf(decision) === status);
    const inspected = group.filter(({ lane }) => lane === Lane.RED).length;
    const rate = group.length === 0 ? null : inspected / group.length;
    return { status, declarations: group.length, inspected, rate, ci95: wilson(inspected, group.length) };
  });
}

function findingsOf(scored: Scored[]): Report['findings'] {
  const share = (group: Scored[]) =>
    group.length === 0 ? null : group.filter(({ finding }) => finding).length / group.length;
  const inspected = scored.filter(({ decision }) => decision.lane === Lane.RED);
  const drawn = inspected.filter(({ decision }) => decision.draw?.selected === true);
  const waived = scored.filter(
    ({ decision }) => decision.laneWithoutStatus === Lane.RED && decision.lane !== Lane.RED,
  );
  return {
    inspected: inspected.length,
    found: inspected.filter(({ finding }) => finding).length,
    precision: share(inspected),
    randomPrecision: share(drawn),
    randomInspected: drawn.length,
    missedAmongWaived: waived.filter(({ finding }) => finding).length,
  };
}

function suspensionOf(trials: DeclarationsOutcome['trials'], recorded: number): Report['suspension'] {
  const counted = trials.filter((trial) => trial.counted);
  const visible = counted.map(({ visibleMs }) => visibleMs).sort((a, b) => a - b);
  const lateOf = (kind: 'assess' | 'getPriority') =>
    trials.reduce((sum, { late: each }) => sum + each[kind], 0);
  const late = { ledger: recorded, assess: lateOf('assess'), getPriority: lateOf('getPriority') };
  const notCounted: Record<string, number> = {};
  for (const { counted: counts, reason } of trials) {
    if (!counts) notCounted[reason] = (notCounted[reason] ?? 0) + 1;
  }
  return {
    trials: counted.length,
    notCounted,
    visibleMsP50: visible.length === 0 ? null : quantile(visible, 0.5),
    visibleMsP99: visible.length === 0 ? null : quantile(visible, 0.99),
    benefitsAfterBound: late.ledger + late.assess + late.getPriority,
    late,
  };
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

const personalShown = 20;

/** The equalities a run must show, each named with both sides where it does not hold. */
function violationsOf(report: Report, { controls, trials }: DeclarationsOutcome): string[] {
  const probesAnswered = trials.reduce((sum, { probes }) => sum + probes.length, 0);
  const { ledger } = report;
  const effect = (status: string) =>
    report.pairedEffect.find((each) => each.status === status && each.party === 'all' && each.scale === 1)
      ?.inspectedWith ?? 0;
  const refused = (problems: Record<string, number>) =>
    Object.values(problems).reduce((sum, count) => sum + count, 0);
  const equal: [name: string, one: number, other: number][] = [
    ['decided = accepted', report.decided, report.accepted],
    ['final revisions in the ledger = accepted', ledger.decisions, report.accepted],
    ['red rows = control results', ledger.red, ledger.controlResults],
    ['control results = controls carried out', ledger.controlResults, controls],
    ['red lane = red rows of the ledger', report.lanes.red, ledger.red],
    ['duplicates', ledger.duplicates, 0],
    ['duplicates among probes', ledger.probeDuplicates, 0],
    ['controls of one declaration beyond the first', ledger.controlsRepeated, 0],
    ['controls of probes', ledger.probeControls, 0],
    ['declarations refused by the service', report.refusedByService.length, 0],
    ['commands refused while certifying', refused(report.certification.problems), 0],
    ['commands refused at the partner', refused(report.exchange.partnerProblems), 0],
    ['probes answered = their final revisions in the ledger', probesAnswered, ledger.answeredProbes],
    ['benefits after the bound', report.suspension.benefitsAfterBound, 0],
    ['tier 1, inspected with = red rows', effect('tier-1'), ledger.redByStatus['tier-1'] ?? 0],
    ['partner, inspected with = red rows', effect('partner'), ledger.redByStatus['partner'] ?? 0],
    ['tier 2, inspected with = red rows', effect('tier-2'), ledger.redByStatus['tier-2'] ?? 0],
  ];
  const broken = equal.filter(([, one, other]) => one !== other);
  const named = broken.map(([name, one, other]) => `${name}: ${one} and ${other}`);
  const unproven = Object.entries(ledger.chains).flatMap(([stream, { problems }]) =>
    problems.map((problem) => `the chain of the ${stream}: ${problem}`),
  );
  const personal = report.personalValues.found
    .slice(0, personalShown)
    .map((found) => `no personal value in logs and metrics: ${found}`);
  const chains = ledger.chainValid ? [] : ['the chains do not verify', ...unproven];
  return [...named, ...personal, ...chains, ...auditViolations(report.audit)];
}

/** One line for each invariant that does not hold; the audit itself names what is wrong. */
function auditViolations({ found }: AuditReport): string[] {
  const broken = Object.entries(found).filter(([, count]) => count > 0);
  return broken.map(
    ([name, count]) => `${name} ${invariants[name as keyof typeof invariants]}: ${count} violations`,
  );
}
