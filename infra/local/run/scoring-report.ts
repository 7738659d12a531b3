import type { riskService } from '@aeo/proto';
import type { Certification } from './certify-history.ts';
import type { DeclarationRow, RowDefect } from './declaration-row.ts';
import type { Scores } from './risk-client.ts';
import { wilson, type Interval } from './statistics.ts';

/** What the scores would select at the thresholds in force, and what that would have found. */
export type ScoringReport = {
  declarations: number;
  refusedRows: number;
  scored: number;
  refusedByService: number;
  history: { rows: number; refusedRows: number };
  model: { id: string; version: string; dataHash: string; metrics: Record<string, number> };
  thresholds: { version: string; windowEndsOn: string; pooledRed: number; offices: Record<string, number> };
  certification: Certification;
  selectedByScore: {
    declarations: number;
    share: number;
    found: number;
    precision: number | null;
    ci95: Interval | null;
  };
  findingRate: number;
  wallSeconds: number;
};

export type ReportInput = {
  history: { rows: DeclarationRow[]; refused: RowDefect[] };
  declarations: { rows: DeclarationRow[]; refused: RowDefect[] };
  trained: riskService.TrainModelResponse;
  certification: Certification;
  scores: Scores;
  seconds: number;
};

/** Outcomes of rows that nobody inspected are read here, for the final scoring, and nowhere else. */
export function scoringReport({
  history,
  declarations,
  trained,
  certification,
  scores,
  seconds,
}: ReportInput): ScoringReport {
  const thresholdOf = redThresholds(trained);
  const scored = declarations.rows.filter((row) => scores.base.has(row.declarationId));
  const selected = scored.filter(
    (row) => (scores.base.get(row.declarationId) ?? 0) >= thresholdOf(row.office),
  );
  const found = selected.filter((row) => row.finding).length;
  return {
    declarations: declarations.rows.length + declarations.refused.length,
    refusedRows: declarations.refused.length,
    scored: scored.length,
    refusedByService: scores.refused.length,
    history: { rows: history.rows.length, refusedRows: history.refused.length },
    model: {
      id: trained.modelId,
      version: String(trained.modelVersion),
      dataHash: trained.dataHash.toString('hex'),
      metrics: Object.fromEntries(trained.metrics.map(({ name, value }) => [name, value])),
    },
    thresholds: {
      version: String(trained.thresholds?.version ?? 0n),
      windowEndsOn: trained.thresholds?.windowEndsOn ?? '',
      pooledRed: trained.thresholds?.pooled?.red ?? 1001,
      offices: Object.fromEntries(officesOf(trained)),
    },
    certification,
    selectedByScore: {
      declarations: selected.length,
      share: scored.length === 0 ? 0 : selected.length / scored.length,
      found,
      precision: selected.length === 0 ? null : found / selected.length,
      ci95: wilson(found, selected.length),
    },
    findingRate: scored.filter((row) => row.finding).length / Math.max(1, scored.length),
    wallSeconds: seconds,
  };
}

function officesOf(trained: riskService.TrainModelResponse): [office: string, red: number][] {
  return (trained.thresholds?.offices ?? []).map(({ office, thresholds }) => [
    office,
    thresholds?.red ?? 1001,
  ]);
}

function redThresholds(trained: riskService.TrainModelResponse): (office: string) => number {
  const offices = new Map(officesOf(trained));
  const pooled = trained.thresholds?.pooled?.red ?? 1001;
  return (office) => offices.get(office) ?? pooled;
}

const percent = (share: number | null | undefined) => (share == null ? '–' : `${(100 * share).toFixed(1)} %`);

/** The report in words, for the terminal. */
export function reportText(report: ScoringReport): string {
  const { model, thresholds, certification, selectedByScore: selected } = report;
  const metric = (name: string) => model.metrics[name] ?? Number.NaN;
  return `
Model ${model.version}, trained on ${report.history.rows} past declarations, measured on goods it had not seen
  area under the curve          ${metric('groupedAreaUnderCurve').toFixed(3)}
  findings in the top 5 % / 10 %  ${percent(metric('groupedPrecisionAt5'))} / ${percent(metric('groupedPrecisionAt10'))}   (all: ${percent(metric('findingRate'))})
Threshold table ${thresholds.version}, window to ${thresholds.windowEndsOn}: pooled ${thresholds.pooledRed}, offices ${Object.keys(thresholds.offices).length} of their own
Certificates by the demonstration programme (its criteria are this project's own)
  operators / applications      ${certification.operators} / ${certification.applications}
  certificates                  ${JSON.stringify(certification.certificates)}
  active as read from Kafka     ${certification.activeOnTopic}
Declarations of the quarter     ${report.scored} scored, ${report.refusedRows} rows refused
  selected by score             ${selected.declarations} (${percent(selected.share)})
  of these with a finding       ${selected.found} (${percent(selected.precision)}; chance would find ${percent(report.findingRate)})
Took ${report.wallSeconds.toFixed(1)} s

What this does not show: certificates are granted and published, but no declaration's decision uses them yet,
so nobody is spared an inspection. Most rows of the quarter repeat shipments of the history, which flatters the
score; the figures on unseen goods are the honest ones.
An importer's own record says almost nothing about its next declaration in this data.
`;
}
