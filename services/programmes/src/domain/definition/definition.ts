/** A text in each language it is written in, by the language's tag (BCP 47). */
export type Texts = Record<string, string>;

export type Unknown = 'unknown';

/** In the order of ECMAScript's numbers for them. */
export const weekdays = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;
export type Weekday = (typeof weekdays)[number];

/** A calendar day, ISO 8601. */
export type Day = string;

/** How a value came to be in a file: read in the official text, in somebody's account of it, known of old, or made up. */
type Confidence = 'official' | 'secondary' | 'background' | 'proposal';

export type Source = { id: string; title: string; url: string | null; seenOn: Day; confidence: Confidence };

/** What every part of a definition has: where it comes from, and what a reader should know about that. */
export type Sourced = { sources: string[]; confidence?: Confidence | undefined; note?: string | undefined };

export type FactType = 'number' | 'boolean' | 'text' | 'date' | 'dates';

/**
 * Something a rule may read. `applicant` ones are asked for by questions; the others are found by those named.
 * Facts with the same reuse key are the same fact in every programme, and are asked for once.
 */
export type Fact = {
  id: string;
  type: FactType;
  label: Texts;
  origin: 'applicant' | 'authority' | 'registry' | 'auditor' | 'agency';
  choices?: string[] | undefined;
  unit?: string | undefined;
  reuseKey?: string | undefined;
};

export type Role = Sourced & { id: string; label: Texts; reliesOn?: string[] | undefined };

/** A class of firms by size. With `groupAggregation` the figures of linked and partner firms are counted in. */
export type SizeClass = Sourced & {
  id: string;
  label: Texts;
  /** In CEL, or `unknown`. */
  rule: string;
  /** Asked of every firm, to find out its class. */
  questions: string[];
  proof: string | null;
  groupAggregation: boolean | Unknown;
  mustPersist: boolean | Unknown;
};

type Purpose = 'safety_security' | 'fiscal_compliance' | 'other_legal';

/** A status that is held, suspended and lost by itself. */
export type Component = { id: string; label: Texts; purposes: Purpose[] };

/**
 * A grade within a component: ranks are compared within it alone, and a negative one is a sanction. Credits are
 * thousandths of the threshold by party role, and are this project's own. What is asked for is granted when every
 * criterion is met; a default tier is whoever has none of the others.
 */
export type Tier = Sourced & {
  id: string;
  label: Texts;
  component: string;
  rank: number;
  polarity: 'granted' | 'default' | 'negative';
  entry: 'apply' | 'designate' | 'automatic';
  roles: string[];
  sizeClasses?: string[] | undefined;
  prerequisite?: string | undefined;
  criteria: string[];
  credits: Record<string, number>;
  mraEligible: boolean | Unknown;
};

/** A name for holding several tiers of different components at once. */
export type Combination = Sourced & { id: string; label: Texts; of: string[] };

/** Back from the day of the case: whole fiscal or calendar years or months; the last one not yet over counts where `upTo` says so. */
export type Lookback = {
  n: number;
  unit: 'fiscalYear' | 'calendarYear' | 'month';
  upTo: 'lastPeriodEnd' | 'application';
};

/** One way of proving: all of these documents, open to firms that meet the condition. */
export type Alternative = { id: string; label: Texts; all: string[]; when?: string | undefined };

export type Criterion = Sourced & {
  id: string;
  /** The chapter of the WCO SAFE Framework's conditions, A to M, where there is one. */
  safe: string | null;
  kind: 'record' | 'count' | 'duration' | 'financial' | 'system' | 'competence' | 'security' | 'declaration';
  label: Texts;
  /** What is required, with `{name}` where a parameter stands. */
  requirement: Texts;
  /** In CEL, or `unknown`. */
  rule: string;
  parameters?: Record<string, number | string> | undefined;
  lookback?: Lookback | undefined;
  tolerance?: Texts | undefined;
  questions: string[];
  evidence: Alternative[];
  discretion?: { who: string; basis: Texts } | undefined;
  weight?: number | undefined;
};

export type Question = { id: string; text: Texts; help: Texts; fact: string; showIf?: string | undefined };

export type EvidenceType = Sourced & {
  id: string;
  label: Texts;
  formats: string[];
  maxMegabytes: number;
  validForDays: number | null;
  issuedBy: 'applicant' | 'authority' | 'thirdParty' | 'otherAgency';
  personBound: boolean;
};

export type PatchStep = { path: string; op: 'set'; value: unknown };

/** Other terms for some firms, in the tiers named. Applied in the order of the file. */
export type Overlay = Sourced & {
  id: string;
  label: Texts;
  when: string;
  tiers: string[];
  patch: PatchStep[];
};

export type Grading = Sourced & {
  tier: string;
  method: 'score' | 'officer';
  /** The fact in which an officer's grade or the points are found; absent for the sum of the weights of what is met. */
  fact?: string | undefined;
  bands: { id: string; min: number | Unknown; label: Texts }[];
};
