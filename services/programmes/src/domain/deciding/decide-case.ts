import type { Criterion, Overlay, Texts, Tier } from '../definition/definition.ts';
import { lookbackPeriod } from '../time/days.ts';
import {
  plainCircumstances,
  provenBy,
  sizeClassOf,
  type Circumstances,
  type Evaluate,
  type FactValue,
  type FirmCase,
  type Outcome,
  type SizeResult,
} from './firm-case.ts';
import { withOverlays } from './overlay.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';
import { filled } from '../definition/requirement.ts';

/** How one criterion of one tier came out, with everything that decided it. */
export type CriterionResult = {
  tier: string;
  criterion: string;
  outcome: Outcome;
  /** Of the rule alone; what is met by the rule and not proven is unknown. */
  ruleOutcome: Outcome;
  rule: string;
  requirement: Texts;
  facts: Record<string, FactValue>;
  missingFacts: string[];
  /** The way of proving that closed it; null where none did. */
  provenBy: string | null;
  /** Ways of proving that were open to the firm. */
  alternatives: string[];
  overlays: string[];
};

type TierResult = {
  tier: string;
  outcome: Outcome;
  /** Why it is not open to the firm whatever its criteria say. */
  closedBy: ClosedBy | null;
  grade: string | null;
};

type ClosedBy = 'notAppliedFor' | 'notDesignated' | 'role' | 'sizeClass' | 'prerequisite';

export type CaseDecision = {
  programme: string;
  version: number;
  asOf: string;
  /** Empty where the firm is in none. */
  sizeClass: string;
  sizes: SizeResult[];
  /** By component; null where none is held. */
  tiers: Record<string, string | null>;
  combination: string | null;
  results: TierResult[];
  criteria: CriterionResult[];
};

type Context = { definition: ProgrammeDefinition; firm: FirmCase; sizeClass: string; evaluate: Evaluate };

/**
 * Decides a case under a programme. A tier is reached when every criterion is met and proven: what is unknown is not
 * met, a benefit is never given on doubt. Pure: the same programme and case give the same decision for ever.
 */
export function decideCase(
  definition: ProgrammeDefinition,
  firm: FirmCase,
  evaluate: Evaluate,
): CaseDecision {
  const { sizeClass, results: sizes } = sizeClassOf(definition, firm, evaluate);
  const context = { definition, firm, sizeClass, evaluate };
  const criteria: CriterionResult[] = [];
  const results: TierResult[] = [];
  for (const tier of inOrderOfPrerequisites(definition.tiers)) {
    const closedBy = closedTo(tier, context, results);
    if (closedBy !== null) {
      results.push({ tier: tier.id, outcome: 'not_met', closedBy, grade: null });
      continue;
    }
    const ofTier = criteriaOf(tier, context);
    criteria.push(...ofTier);
    const outcome = allOf(ofTier.map((each) => each.outcome));
    results.push({ tier: tier.id, outcome, closedBy, grade: gradeOf(tier, outcome, ofTier, context) });
  }
  const tiers = tiersHeld(definition, results, criteria);
  const held = new Set(Object.values(tiers));
  const combination = definition.combinations.find(({ of }) => of.every((id) => held.has(id)));
  return {
    programme: definition.id,
    version: definition.version,
    asOf: firm.asOf,
    sizeClass,
    sizes,
    tiers,
    combination: combination?.id ?? null,
    results,
    criteria,
  };
}

/** What is unknown hides nothing: one criterion that is not met decides. */
function allOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('not_met')) return 'not_met';
  return outcomes.includes('unknown') ? 'unknown' : 'met';
}

function inOrderOfPrerequisites(tiers: readonly Tier[]): Tier[] {
  const placed: Tier[] = [];
  let waiting = [...tiers];
  while (waiting.length > 0) {
    const ready = waiting.filter(
      ({ prerequisite }) => prerequisite === undefined || placed.some(({ id }) => id === prerequisite),
    );
    if (ready.length === 0) return [...placed, ...waiting];
    placed.push(...ready);
    waiting = waiting.filter((tier) => !ready.includes(tier));
  }
  return placed;
}

function closedTo(
  { id, entry, roles, sizeClasses, prerequisite }: Tier,
  { firm, sizeClass }: Context,
  earlier: readonly TierResult[],
): ClosedBy | null {
  if (entry === 'designate' && !firm.designatedFor.includes(id)) return 'notDesignated';
  if (entry === 'apply' && firm.appliedFor.length > 0 && !firm.appliedFor.includes(id))
    return 'notAppliedFor';
  if (roles.length > 0 && !roles.some((role) => firm.roles.includes(role))) return 'role';
  if (sizeClasses !== undefined && !sizeClasses.includes(sizeClass)) return 'sizeClass';
  if (prerequisite === undefined || firm.holds.includes(prerequisite)) return null;
  const reached = earlier.some(({ tier, outcome }) => tier === prerequisite && outcome === 'met');
  return reached ? null : 'prerequisite';
}

function criteriaOf(tier: Tier, context: Context): CriterionResult[] {
  const overlays = overlaysFor(tier, context);
  const effective = withOverlays(context.definition, overlays);
  return tier.criteria.flatMap((id) => {
    const criterion = effective.criteria.find((each) => each.id === id);
    if (criterion === undefined) return [];
    const own = overlays.filter(({ patch }) => patch.some(({ path }) => path.startsWith(`criteria.${id}.`)));
    const ids = own.map((overlay) => overlay.id);
    return [{ tier: tier.id, overlays: ids, ...criterionResult(criterion, context) }];
  });
}

/** The programme as it is for a firm in these tiers, with the overlays that apply to it in any of them. */
export function programmeFor(
  definition: ProgrammeDefinition,
  firm: FirmCase,
  tierIds: readonly string[],
  evaluate: Evaluate,
): ProgrammeDefinition {
  const { sizeClass } = sizeClassOf(definition, firm, evaluate);
  const context = { definition, firm, sizeClass, evaluate };
  const own = definition.tiers.filter(({ id }) => tierIds.length === 0 || tierIds.includes(id));
  const applying = new Set(own.flatMap((tier) => overlaysFor(tier, context)));
  return withOverlays(
    definition,
    definition.overlays.filter((overlay) => applying.has(overlay)),
  );
}

/** Those whose condition is met; on doubt the usual terms hold. */
function overlaysFor({ id }: Tier, { definition, firm, sizeClass, evaluate }: Context): Overlay[] {
  const circumstances = plainCircumstances(firm, sizeClass);
  return definition.overlays.filter(
    ({ tiers, when }) => tiers.includes(id) && evaluate(when, circumstances).outcome === 'met',
  );
}

function criterionResult(criterion: Criterion, context: Context): Omit<CriterionResult, 'tier' | 'overlays'> {
  const { definition, firm } = context;
  const { id, rule, evidence } = criterion;
  const circumstances = circumstancesOf(criterion, context);
  const evaluated = rule === 'unknown' ? undefined : context.evaluate(rule, circumstances);
  const ruleOutcome = evaluated?.outcome ?? 'unknown';
  const open = evidence.filter(
    ({ when }) => when === undefined || context.evaluate(when, circumstances).outcome === 'met',
  );
  const proof = evidence.length === 0 ? null : (provenBy(open, firm, definition.evidenceTypes) ?? null);
  const isProven = evidence.length === 0 || proof !== null;
  return {
    criterion: id,
    outcome: ruleOutcome === 'met' && !isProven ? 'unknown' : ruleOutcome,
    ruleOutcome,
    rule,
    requirement: filled(criterion),
    facts: Object.fromEntries((evaluated?.factsRead ?? []).map((name) => [name, firm.facts[name]!])),
    missingFacts: evaluated?.factsMissing ?? [],
    provenBy: proof,
    alternatives: open.map((each) => each.id),
  };
}

function circumstancesOf(criterion: Criterion, { definition, firm, sizeClass }: Context): Circumstances {
  const { parameters = {}, lookback } = criterion;
  const period = lookback && lookbackPeriod(lookback, firm.asOf, definition.fiscalYearStart);
  return { ...plainCircumstances(firm, sizeClass), parameters, lookback: period };
}

/** The tier held of each component; null where none is. */
function tiersHeld(
  { components, tiers }: ProgrammeDefinition,
  results: readonly TierResult[],
  criteria: readonly CriterionResult[],
): Record<string, string | null> {
  const reached = new Set(results.filter(({ outcome }) => outcome === 'met').map(({ tier }) => tier));
  const held = components.map(({ id }) => {
    const own = tiers.filter(({ component }) => component === id);
    const inDoubt = own.some((tier) => isSanctionInDoubt(tier, results, criteria));
    const found = tierToHold(
      own.filter((tier) => reached.has(tier.id)),
      inDoubt,
    );
    return [id, found?.id ?? null] as const;
  });
  return Object.fromEntries(held);
}

/** Whether a fact that is not known decides on a sanction. A rule that is not known itself is no doubt about the firm. */
function isSanctionInDoubt(
  { id, polarity }: Tier,
  results: readonly TierResult[],
  criteria: readonly CriterionResult[],
): boolean {
  const isUnknown = results.some(({ tier, outcome }) => tier === id && outcome === 'unknown');
  const isDoubtful = criteria.some(
    ({ tier, outcome, rule }) => tier === id && outcome === 'unknown' && rule !== 'unknown',
  );
  return polarity === 'negative' && isUnknown && isDoubtful;
}

/**
 * Of the tiers reached the severest sanction, else the highest benefit, else the default. While a sanction is in doubt
 * neither it nor a benefit is given.
 */
function tierToHold(reached: readonly Tier[], isSanctionDoubtful: boolean): Tier | undefined {
  const byRank = reached.toSorted((a, b) => a.rank - b.rank);
  const sanction = byRank.find(({ polarity }) => polarity === 'negative');
  const benefit = isSanctionDoubtful ? undefined : byRank.findLast(({ polarity }) => polarity === 'granted');
  return sanction ?? benefit ?? byRank.findLast(({ polarity }) => polarity === 'default');
}

function gradeOf(
  { id }: Tier,
  outcome: Outcome,
  results: readonly CriterionResult[],
  { definition, firm }: Context,
): string | null {
  const grading = definition.gradings.find(({ tier }) => tier === id);
  if (grading === undefined || outcome !== 'met') return null;
  const stated = grading.fact === undefined ? undefined : firm.facts[grading.fact];
  if (grading.method === 'officer') return grading.bands.find((band) => band.id === stated)?.id ?? null;
  const points = grading.fact === undefined ? weightOf(results, definition) : stated;
  if (typeof points !== 'number') return null;
  const reached = grading.bands.filter(({ min }) => typeof min === 'number' && min <= points);
  return reached.toSorted((a, b) => Number(a.min) - Number(b.min)).at(-1)?.id ?? null;
}

function weightOf(results: readonly CriterionResult[], { criteria }: ProgrammeDefinition): number {
  const met = new Set(results.filter(({ outcome }) => outcome === 'met').map(({ criterion }) => criterion));
  return criteria.filter(({ id }) => met.has(id)).reduce((sum, { weight = 0 }) => sum + weight, 0);
}
