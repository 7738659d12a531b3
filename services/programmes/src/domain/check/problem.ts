import type { FactType } from '../definition/definition.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

/** Something wrong in a programme file, with the path of the place. Codes are stable. */
export type Problem = { code: ProblemCode; path: string; message: string };

type ProblemCode =
  | ('DUPLICATE_ID' | 'UNKNOWN_REFERENCE' | 'UNKNOWN_FACT' | 'RULE_NOT_VALID' | 'FACT_NEVER_ASKED')
  | (
      | 'UNREACHABLE_TIER'
      | 'UNREACHABLE_STEP'
      | 'CLOCK_WITHOUT_END'
      | 'TEXT_MISSING'
      | 'PLACEHOLDER_UNKNOWN'
      | 'NOT_USED'
    )
  | ('OVERLAY_PATCHES_NOTHING' | 'OVERLAY_NOT_ALLOWED' | 'DATES_INVERTED' | 'UNKNOWN_CALENDAR' | 'SCHEMA')
  | 'CONTRADICTION';

/** What can be said of a predicate without running it. */
export type PredicateReader = {
  problemsOf: (
    expression: string,
    names: { facts: Record<string, FactType>; parameters: Record<string, number | string> },
  ) => string[];
  factsNamedIn: (expression: string) => string[];
  /** What it reads of `facts` or `parameters`. */
  namedIn: (expression: string, variable: string) => string[];
  readsVariable: (expression: string, variable: string) => boolean;
  /** Texts that it compares something with: `facts.x`, a variable, or what it looks for in a list of these. */
  comparisonsIn: (expression: string) => { of: string; with: string }[];
};

/** What is wrong with the layout of a programme, which an overlay's value may be. */
type LayoutReader = (definition: ProgrammeDefinition) => Problem[];

/** Whether the holidays of a calendar are known by that name. */
export type CalendarReader = (calendar: string) => boolean;

/** What a check asks of those who know more than the domain. */
export type Readers = { predicates: PredicateReader; layoutOf: LayoutReader; knowsCalendar: CalendarReader };
