import { registryService } from '@aeo/proto';
import type { Certified, HeldCertificate } from './certify.ts';
import { applicationIdOf } from './certify-under.ts';
import { profileOf, type ProgrammeRun } from './generated-facts.ts';
import type { HistoryOperator } from './operators.ts';

/** Counts of firms that apply by the rules for small firms, and of the others. */
type BySize = { small: number; others: number };

type CriterionFigures = {
  criterion: string;
  tier: string;
  /** Its text for most firms. */
  text: string;
  met: number;
  notMet: number;
  unknown: number;
};

/** Totals of the certification under a programme. */
export type ProgrammeFigures = {
  programme: string;
  version: number;
  /** The file that says how the facts were generated. */
  factsFrom: string;
  applications: BySize;
  /** Applications that were granted at least one tier. */
  granted: BySize;
  certificates: Record<string, BySize>;
  criteria: CriterionFigures[];
  /** Why its certificates are not in suspension trials; null where they are. */
  notOnTrial: string | null;
};

export function programmeFigures(
  run: ProgrammeRun,
  operators: readonly HistoryOperator[],
  certified: Certified,
): ProgrammeFigures {
  const { definition, generated, file } = run;
  const applications = operators.flatMap((operator) => {
    const applicationId = applicationIdOf(run, operator);
    const results = certified.decided.get(applicationId);
    if (results === undefined) return [];
    return [{ applicationId, results, small: profileOf(generated, operator).small }];
  });
  const isSmall = new Map(applications.map(({ applicationId, small }) => [applicationId, small]));
  const held = certified.certificates.filter(({ applicationId }) => isSmall.has(applicationId));
  const bySize = (ids: Iterable<string>): BySize => {
    const all = [...ids];
    const small = all.filter((id) => isSmall.get(id) === true).length;
    return { small, others: all.length - small };
  };
  const ofTier = (tier: string) =>
    bySize(held.filter((each) => each.tier === tier).map(({ applicationId }) => applicationId));
  return {
    programme: definition.id,
    version: definition.version,
    factsFrom: file,
    applications: bySize(isSmall.keys()),
    granted: bySize(new Set(held.map(({ applicationId }) => applicationId))),
    certificates: Object.fromEntries(
      definition.tiers.map(({ id }) => [id, ofTier(id)] as const).filter(isHeld),
    ),
    criteria: criteriaOf(applications.flatMap(({ results }) => results)),
    notOnTrial: notOnTrial(run),
  };
}

function isHeld([, { small, others }]: readonly [string, BySize]): boolean {
  return small + others > 0;
}

type Result = registryService.CriterionResult;

function criteriaOf(results: readonly Pick<Result, 'criterionId' | 'tier' | 'outcome' | 'text'>[]) {
  const { MET, NOT_MET, UNKNOWN } = registryService.CriterionOutcome;
  return [...Map.groupBy(results, ({ tier, criterionId }) => `${tier}|${criterionId}`).values()].map(
    (own): CriterionFigures => {
      const count = (asked: Result['outcome']) => own.filter(({ outcome }) => outcome === asked).length;
      const texts = Map.groupBy(own, ({ text }) => text);
      const [text = ''] = [...texts].toSorted(([, one], [, other]) => other.length - one.length)[0] ?? [];
      const { criterionId: criterion = '', tier = '' } = own[0] ?? {};
      return { criterion, tier, text, met: count(MET), notMet: count(NOT_MET), unknown: count(UNKNOWN) };
    },
  );
}

/** A trial suspends a firm that receives benefits, at once: the programme must give credits and need no notice. */
function notOnTrial({ definition: { tiers, transitions } }: ProgrammeRun): string | null {
  const suspending = transitions.filter(({ on }) => on === 'suspend');
  if (suspending.length === 0) return 'the programme foresees no suspension';
  if (suspending.some(({ notice, hearing, remedy }) => (notice ?? remedy) !== undefined || hearing === true))
    return 'the programme asks for a notice or a hearing first';
  const credited = tiers.some(({ credits }) => Object.keys(credits).length > 0);
  return credited ? null : 'its file gives no tier a credit in the risk decision';
}

/** Certificates that a trial may suspend; without named programmes all, which are the demonstration's. */
export function certificatesOnTrial(
  runs: readonly ProgrammeRun[],
  { certificates }: Pick<Certified, 'certificates'>,
): HeldCertificate[] {
  const excluded = runs.filter((run) => notOnTrial(run) !== null).map(({ definition }) => definition.id);
  return certificates.filter(
    ({ applicationId }) => !excluded.some((id) => applicationId.startsWith(`${id}-`)),
  );
}
