/** What must hold, under the project's numbers. */
export const invariants = {
  I1: 'no benefit after suspension',
  I2: 'fail closed, never silent',
  I3: 'nothing accepted is lost',
  I4: 'one effect',
  I5: 'ledger = decisions',
  I6: 'order',
  I7: 'list atomicity',
  I8: 'list sanity',
  I9: 'isolation',
  I10: 'replay',
} as const;

export type Invariant = keyof typeof invariants;

type Violation = {
  invariant: Invariant;
  what: string;
  /** Its subject: a declaration and revision, an operator, a list. */
  key: string;
  evidence: Record<string, unknown>;
};

/** The result of a group of comparisons. */
export type Finding = {
  invariant: Invariant;
  compared: number;
  /** All violations, also those that are not kept. */
  found: number;
  violations: Violation[];
};

export type AuditReport = {
  /** How many comparisons were made for each invariant; 0 is not a pass. */
  checked: Record<Invariant, number>;
  found: Record<Invariant, number>;
  violations: Violation[];
  /** Counted separately, since they are no violations: unrecorded answers, dead letters, lost connections. */
  apart: Record<string, number>;
  seconds: number;
};

const keptMax = 20;

export type Comparison = {
  /** Makes one comparison; it is a violation where `holds` is false. */
  expect(holds: boolean, what: string, key: string, evidence?: Record<string, unknown>): void;
  finding(): Finding;
};

export function startComparison(invariant: Invariant): Comparison {
  const finding: Finding = { invariant, compared: 0, found: 0, violations: [] };
  return {
    expect: (holds, what, key, evidence = {}) => {
      finding.compared += 1;
      if (holds) return;
      finding.found += 1;
      if (finding.violations.length < keptMax) finding.violations.push({ invariant, what, key, evidence });
    },
    finding: () => finding,
  };
}

/** Sums findings by invariant. */
export function reportOf(
  findings: readonly Finding[],
  apart: Record<string, number>,
  seconds: number,
): AuditReport {
  const names = Object.keys(invariants) as Invariant[];
  const sum = (of: (finding: Finding) => number) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        findings.filter(({ invariant }) => invariant === name).reduce((total, each) => total + of(each), 0),
      ]),
    ) as Record<Invariant, number>;
  return {
    checked: sum(({ compared }) => compared),
    found: sum(({ found }) => found),
    violations: findings.flatMap(({ violations }) => violations),
    apart,
    seconds,
  };
}

/** One line for each invariant, then the violations, then what is counted separately. */
export function auditText(report: AuditReport): string {
  const lines = (Object.keys(invariants) as Invariant[]).map((name) => {
    const title = `${name.padEnd(3)} ${invariants[name]}`.padEnd(32);
    const compared = report.checked[name];
    if (compared === 0) return `${title}nothing to compare`;
    return `${title}${compared} compared, ${report.found[name]} violations`;
  });
  const violations = report.violations.map(
    ({ invariant, what, key, evidence }) => `  ${invariant} ${what}: ${key} ${textOf(evidence)}`,
  );
  const apart = Object.entries(report.apart).filter(([, count]) => count > 0);
  const counted = apart.map(([what, count]) => `${what} ${count}`).join(', ');
  return [...lines, ...violations, ...(counted === '' ? [] : [`Counted apart: ${counted}`])].join('\n');
}

function textOf(evidence: Record<string, unknown>): string {
  return JSON.stringify(evidence, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
