import { auditText } from '../../auditor/report.ts';
import type { PairedEffect } from './paired-effect.ts';
import type { ProgrammeFigures } from '../certification/programme-figures.ts';
import type { Report } from './report-types.ts';
import type { Interval } from './statistics.ts';

const percent = (share: number | null) => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);
const range = (ci: Interval | null) => (ci === null ? '' : `  [${percent(ci[0])}, ${percent(ci[1])}]`);
const ms = (value: number | null) => (value === null ? '–' : `${Math.round(value)} ms`);

const listedMax = 20;

/** The report as text, for the terminal. */
export function reportText(report: Report): string {
  const { lanes, findings, suspension, ledger, certification } = report;
  const degraded = Object.entries(report.degraded).map(([reason, n]) => `${reason} ${n}`);
  return [
    '',
    ...certificationLines(certification),
    `Declarations                    ${report.accepted} accepted, ${report.refusedRows} rows refused`,
    ...report.refusedByService
      .slice(0, listedMax)
      .map(
        ({ line, declarationId, code }) =>
          `  refused                       line ${line}, ${declarationId}: ${code}`,
      ),
    `  decided                       ${report.decided} (${report.redecided} earlier revisions, ${report.probes} probes apart)`,
    `  without a part of ours        ${degraded.length === 0 ? 'none' : degraded.join(', ')} (a score is waited for ${report.settings.scoreTimeoutMs} ms here)`,
    `  answered                      ${report.decisionsPerSecond.toFixed(0)} a second, p50 ${ms(report.latencyMs.p50)}, p99 ${ms(report.latencyMs.p99)}`,
    `  lanes                         green ${lanes.green}, yellow ${lanes.yellow}, blue ${lanes.blue}, red ${lanes.red}`,
    `  rules hit                     ${ruleText(report.ruleHits)}`,
    `  selected by score             ${percent(report.capacity.beforeCredits)} before credits, ${percent(report.capacity.afterCredits)} after; capacity ${percent(report.capacity.permille / 1000)}`,
    `  in the last ${report.capacity.windowDays} days           ${capacityText(report)}`,
    'Inspected (red lane) by the status that counted',
    ...report.groups.map(
      (group) =>
        `  ${group.status.padEnd(29)} ${group.inspected} of ${group.declarations}: ${percent(group.rate)}${range(group.ci95)}`,
    ),
    'The same declarations with and without status (ratio, 95 % over operators)',
    ...report.pairedEffect.filter(isShown).map(effectLine),
    `Findings                        ${findings.found} in ${findings.inspected} inspections (${percent(findings.precision)}; drawn at random: ${percent(findings.randomPrecision)} of ${findings.randomInspected})`,
    `  missed among waived           ${findings.missedAmongWaived}`,
    `Suspension trials               ${suspension.trials} counted, visible after p50 ${ms(suspension.visibleMsP50)}, p99 ${ms(suspension.visibleMsP99)}; benefits after 2 s: ${suspension.benefitsAfterBound}`,
    ...Object.entries(suspension.notCounted).map(
      ([reason, n]) => `  not counted                   ${n}: ${reason}`,
    ),
    `Exchange                        ${report.exchange.listed} listed, ${report.exchange.recognised} recognised, refused ${JSON.stringify(report.exchange.refused)}`,
    `  no arrangement                ${report.exchange.operatorsWithoutArrangement} foreign operators; a party of theirs on ${ledger.withoutArrangement} declarations`,
    `Ledger                          ${ledger.rows} rows, ${ledger.decisions} final, ${ledger.duplicates} duplicates, ${ledger.controlResults} control results, chain ${ledger.chainValid ? 'valid' : 'BROKEN'}`,
    ...Object.entries(ledger.chains).map(
      ([stream, { leaves, heads }]) =>
        `  sealed                        ${stream}: ${leaves} leaves under ${heads} heads`,
    ),
    `Personal values                 ${personalText(report)}`,
    `Audit of Postgres, topics and the clients’ transcripts (${report.audit.seconds.toFixed(1)} s)`,
    ...auditText(report.audit)
      .split('\n')
      .map((line) => `  ${line}`),
    ...report.violations.map((violation) => `DOES NOT HOLD                   ${violation}`),
    `Took ${report.wallSeconds.toFixed(1)} s`,
    '',
    caveats(report),
    '',
  ].join('\n');
}

function certificationLines({ programmes, ...all }: Report['certification']): string[] {
  const { operators, applications, certificates } = all;
  const counts = [
    `  operators, applications       ${operators}, ${applications}`,
    `  certificates                  ${JSON.stringify(certificates)}`,
  ];
  const own = 'Certificates by the demonstration programme (its criteria and credits are this project’s own)';
  if (programmes.length === 0) return [own, ...counts];
  return ['Certificates', ...counts, ...programmes.flatMap(programmeLines)];
}

function programmeLines(figures: ProgrammeFigures): string[] {
  const { programme, version, factsFrom, applications, granted, certificates, criteria, notOnTrial } =
    figures;
  const sizes = ({ small, others }: { small: number; others: number }) =>
    `${small + others} (${small} by the ways for small firms, ${others} others)`;
  const line = (name: string, text: string) => `  ${name.padEnd(29)} ${text}`;
  return [
    `Under ${programme}, version ${version}; what firms said is MADE UP by ${factsFrom}`,
    line('applications', sizes(applications)),
    line('granted', sizes(granted)),
    ...Object.entries(certificates).map(([tier, held]) => line(`  ${tier}`, sizes(held))),
    line('suspension trials', notOnTrial === null ? 'on its certificates' : `none: ${notOnTrial}`),
    ...criteria.map(({ criterion, tier, met, notMet, unknown, text }) =>
      line(`${tier} ${criterion}`, `refused ${notMet}, unknown ${unknown}, met ${met}: ${text}`),
    ),
  ];
}

function personalText({ personalValues: { logLines, metricLines, found } }: Report): string {
  const count = found.length === 0 ? 'none' : `${found.length}`;
  return `${count} in ${logLines} log lines, ${metricLines} metric lines`;
}

function ruleText(hits: Record<string, number>): string {
  const counted = Object.entries(hits).sort(([one], [other]) => (one < other ? -1 : 1));
  return counted.length === 0 ? 'none' : counted.map(([rule, n]) => `${rule} ${n}`).join(', ');
}

function capacityText({ capacity: { lastWindow, fullestWindow } }: Report): string {
  const last = lastWindow
    .map(({ office, beforeCredits }) => `${office} ${percent(beforeCredits)}`)
    .join(', ');
  if (fullestWindow === null) return last;
  const { office, endsOn, beforeCredits, afterCredits } = fullestWindow;
  const fullest = `${percent(beforeCredits)} at ${office} to ${endsOn}, ${percent(afterCredits)} after credits`;
  return `${last}; fullest: ${fullest}`;
}

function isShown({ scale, party, declarations }: PairedEffect): boolean {
  return scale === 1 && (party === 'all' || declarations > 0);
}

function effectLine(effect: PairedEffect): string {
  const { status, party, inspectedWith, inspectedWithout, ratio, ci95, missedFindings } = effect;
  const value = ratio === null ? 'no case' : `${ratio.toFixed(2)}${interval(ci95)}`;
  return `  ${`${status}, ${party}`.padEnd(29)} ${inspectedWith} instead of ${inspectedWithout}: ${value}, findings missed ${missedFindings}`;
}

const interval = (ci: Interval | null) => (ci === null ? '' : ` [${ci[0].toFixed(2)}, ${ci[1].toFixed(2)}]`);

function caveats({ findings }: Report): string {
  return `What this cannot show. The data are synthetic declarations of one country: they say nothing of hours at the border,
of cost, or of how traders behave once certified. An importer's own record says almost nothing about its next
declaration in them, so these certificates mark luck as much as merit. Most rows of the quarter repeat shipments of
the history, which flatters the score. The credit for partner status is a demonstration. The benefits had a price:
of the goods that would have been inspected without any status, ${findings.missedAmongWaived} with a finding were let through.`;
}
