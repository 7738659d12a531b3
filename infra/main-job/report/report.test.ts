import { clearanceDecision, common } from '@aeo/proto';
import { reportOf } from '../../auditor/report.ts';
import { expect, test } from 'vitest';
import { readDeclarationsFile } from '../input/declarations-file.ts';
import { buildReport, type ReportInput } from './report.ts';

const rows = readDeclarationsFile('infra/data/2021-q1.csv').rows.slice(0, 3);
const { Lane } = common;

/** A run of three declarations, the first of them red; every figure agrees with every other. */
function input(): ReportInput {
  const decisions = rows.map(({ declarationId }, index) =>
    clearanceDecision.Decision.fromPartial({
      declarationId,
      version: 1,
      stage: common.Stage.PRESENTATION,
      lane: index === 0 ? Lane.RED : Lane.GREEN,
      laneWithoutStatus: index === 0 ? Lane.RED : Lane.GREEN,
    }),
  );
  const sent = { sent: 3, decided: 3, refused: [], latenciesMs: [1, 2, 3], reconnects: 0, seconds: 1 };
  const figures = {
    rows: 3,
    decisions: 3,
    earlierRevisions: 0,
    duplicates: 0,
    red: 1,
    controlResults: 1,
    controlsRepeated: 0,
    probes: 0,
    answeredProbes: 0,
    probeDuplicates: 0,
    probeControls: 0,
    redByStatus: {},
    withoutArrangement: 0,
    benefitsAfterBound: 0,
  };
  return {
    declarations: { rows, refused: [] },
    outcome: { sent, trials: [], controls: 1 },
    ledger: { figures, decisions },
    proof: { valid: true, streams: {} },
    personalValues: { logLines: 100, metricLines: 100, found: [] },
    audit: reportOf([], {}, 1),
    exchange: {
      listed: 0,
      recognised: 0,
      refused: [],
      sequence: 1,
      partnerOperators: 0,
      partnerApplications: 0,
      partnerProblems: {},
      operatorsWithoutArrangement: 0,
    },
    certification: {
      operators: 0,
      applications: 0,
      certificates: {},
      notMet: {},
      problems: {},
      activeOnTopic: 0,
      programmes: [],
    },
    trained: { ...trainedOf() },
    settings: { rate: 150, capacity: 0.1, seed: 1, continued: false, killed: false, scoreTimeoutMs: 250 },
    seconds: 1,
  };
}

function trainedOf(): ReportInput['trained'] {
  return { modelId: 'm', modelVersion: 1n, dataHash: Buffer.alloc(0) } as unknown as ReportInput['trained'];
}

type Break = (run: ReportInput) => void;

const breaks: [violation: string, how: Break][] = [
  ['decided = accepted', (run) => void (run.outcome.sent.decided = 4)],
  ['final revisions in the ledger = accepted', (run) => void (run.ledger.figures.decisions = 2)],
  ['red rows = control results', (run) => void (run.ledger.figures.controlResults = 0)],
  ['control results = controls carried out', (run) => void (run.outcome.controls = 2)],
  ['red lane = red rows of the ledger', (run) => void (run.ledger.figures.red = 2)],
  ['duplicates', (run) => void (run.ledger.figures.duplicates = 1)],
  ['duplicates among probes', (run) => void (run.ledger.figures.probeDuplicates = 1)],
  ['controls of probes', (run) => void (run.ledger.figures.probeControls = 1)],
  ['controls of one declaration beyond the first', (run) => void (run.ledger.figures.controlsRepeated = 1)],
  [
    'declarations refused by the service',
    (run) => void run.outcome.sent.refused.push({ declarationId: 'd', code: 'KEY_REUSED' }),
  ],
  ['commands refused while certifying', (run) => void (run.certification.problems = { INTERNAL: 1 })],
  ['commands refused at the partner', (run) => void (run.exchange.partnerProblems = { INTERNAL: 1 })],
  [
    'probes answered = their final revisions in the ledger',
    (run) => void (run.ledger.figures.answeredProbes = 1),
  ],
  ['benefits after the bound', (run) => void (run.ledger.figures.benefitsAfterBound = 1)],
  ['tier 2, inspected with = red rows', (run) => void (run.ledger.figures.redByStatus = { 'tier-2': 1 })],
  ['partner, inspected with = red rows', (run) => void (run.ledger.figures.redByStatus = { partner: 1 })],
  [
    'no personal value in logs and metrics',
    (run) => void run.personalValues.found.push('identifier in a.log:1'),
  ],
  ['I4 one effect', (run) => void (run.audit.found.I4 = 1)],
  ['the chains do not verify', (run) => void (run.proof.valid = false)],
];

test('a run whose figures agree has no violation', () => {
  const report = buildReport(input());
  expect(report.violations).toEqual([]);
  expect(
    report.groups.map(({ status, declarations, ci95 }) => [status, declarations, ci95 !== null]),
  ).toEqual([
    ['none', 3, true],
    ['tier-1', 0, false],
    ['tier-2', 0, false],
    ['partner', 0, false],
  ]);
});

test.each(breaks)('an equality that does not hold is named: %s', (violation, how) => {
  const run = input();
  how(run);
  expect(buildReport(run).violations.map((each) => each.split(':')[0])).toContain(violation);
});
