import type {
  Combination,
  Component,
  Criterion,
  Day,
  EvidenceType,
  Fact,
  Grading,
  Overlay,
  Question,
  Role,
  SizeClass,
  Source,
  Texts,
  Tier,
  Unknown,
  Weekday,
} from './definition.ts';
import type {
  Agency,
  Benefit,
  Clock,
  Consent,
  Fee,
  Obligation,
  Step,
  Support,
  Transition,
  Validity,
} from './procedure.ts';

/**
 * A programme as data: who may hold which status, on what conditions, how that is decided and what comes of it. A
 * version is never changed once it was used; another one supersedes it from a day on.
 */
export type ProgrammeDefinition = {
  /** Of this layout. */
  format: 1;
  id: string;
  version: number;
  /** The code of the country or union whose programme it is. */
  jurisdiction: string;
  authority: Texts;
  name: Texts;
  summary: Texts;
  /** Every text of the file is there in each of these. */
  languages: string[];
  effectiveFrom: Day;
  /** The last day on which files may be begun under it; null where it is still in force. */
  effectiveTo: Day | null;
  /** The version before it. */
  supersedes: number | null;
  /** Under which version a file goes on that was begun under the one before. */
  filesInProgress: 'asBegun' | 'asSuperseded' | Unknown;
  sources: Source[];
  /** Month and day on which fiscal years begin, `04-01`. */
  fiscalYearStart: string;
  /** Whose public holidays are no working days, as the holiday library names it. `unknown`: none are known. */
  calendar: string;
  /** The days off of every week: Saturday and Sunday where it does not say. */
  weekend?: Weekday[] | undefined;
  /** By whose clock its days begin and end, an IANA name: UTC where it does not say. */
  timeZone?: string | undefined;
  facts: Fact[];
  roles: Role[];
  sizeClasses: SizeClass[];
  components: Component[];
  tiers: Tier[];
  combinations: Combination[];
  criteria: Criterion[];
  questions: Question[];
  evidenceTypes: EvidenceType[];
  overlays: Overlay[];
  gradings: Grading[];
  steps: Step[];
  clocks: Clock[];
  validity: Validity[];
  benefits: Benefit[];
  obligations: Obligation[];
  transitions: Transition[];
  consents: Consent[];
  support: Support[];
  fees: Fee[];
  agencies: Agency[];
  /** What a reader should know before believing the file, and what was looked for and not found. */
  caveats: Texts;
};
