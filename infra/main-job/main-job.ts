import { recordTranscript } from '../auditor/transcript.ts';
import { certifyHistory } from './certification/certification-step.ts';
import { runDeclarations } from './declarations/declarations-step.ts';
import { exchangeLists } from './exchange/exchange-step.ts';
import type { Inputs } from './input/inputs.ts';
import type { RunOptions } from './input/options.ts';
import type { Job, JobServices, JobSite } from './job.ts';
import { progressBars } from './progress.ts';
import { buildReport } from './report/report.ts';
import { writeReport } from './report/report-file.ts';
import { reportText } from './report/report-text.ts';
import type { Report } from './report/report-types.ts';
import { scoreTimeoutMs } from './services/administrations.ts';
import { trainOnHistory } from './training/training-step.ts';
import { verifyRun } from './verification/verification-step.ts';

/** Sound means that every equality of the report holds. */
export type Outcome = { sound: boolean };

/** Runs all steps on running services, prints the report and writes it to the file that the options name. */
export async function runMainJob(
  site: JobSite,
  services: JobServices,
  inputs: Inputs,
  options: RunOptions,
): Promise<Outcome> {
  const progress = progressBars(process.stdout);
  const transcript = recordTranscript(site.transcriptFile);
  try {
    const report = await runSteps({ site, services, inputs, options, progress, transcript });
    progress.stop();
    process.stdout.write(reportText(report));
    if (options.report !== undefined) writeReport(options.report, report);
    return { sound: report.violations.length === 0 };
  } finally {
    progress.stop();
    await transcript.end();
  }
}

async function runSteps(job: Job): Promise<Report> {
  const trained = await trainOnHistory(job);
  const { certified, certification } = await certifyHistory(job);
  const { recognised, figures: exchange } = await exchangeLists(job);
  const outcome = await runDeclarations(job, certified, recognised);
  const verified = await verifyRun(job, certified, outcome.trials);
  return buildReport({
    declarations: job.inputs.declarations,
    trained,
    certification,
    exchange,
    outcome,
    ...verified,
    settings: settingsOf(job.options),
    // Since the process began: the start of the stack is part of the wait.
    seconds: process.uptime(),
  });
}

function settingsOf({ rate, capacity, seed, keep, killServices }: RunOptions): Report['settings'] {
  return { rate, capacity, seed, continued: keep, killed: killServices, scoreTimeoutMs };
}
