import { invariants, type AuditReport } from '../../auditor/report.ts';
import type { DeclarationsOutcome } from '../declarations/declarations-step.ts';
import type { Report } from './report-types.ts';

const personalDataShown = 20;

/** The equalities that must hold in a run; each broken one is named with both sides. */
export function violationsOf(report: Report, { controls, trials }: DeclarationsOutcome): string[] {
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
    .slice(0, personalDataShown)
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
