import {
  canonical,
  type IsWorkingDay,
  dayIn,
  type Day,
  type Evaluate,
  type ProgrammeDefinition,
  type Programmes,
} from '@aeo/programmes';
import type { Event, Instant } from './event.ts';
import type { CheckIdentifier } from './identifier.ts';

export type RefusalReason =
  | ('KEY_REUSED' | 'NOT_FOUND' | 'OUT_OF_ORDER' | 'CERTIFICATE_EXISTS' | 'REAPPLICATION_BARRED')
  | ('SAME_PERSON' | 'PROPOSAL_OUTDATED' | 'PRECONDITION_FAILED' | 'STEP_NOT_OPEN' | 'RENEWAL_NOT_OPEN')
  | ('TRANSITION_NOT_FORESEEN' | 'NOTICE_NEEDED' | 'HEARING_NEEDED' | 'EXTENSION_NOT_FORESEEN')
  | ('FIELD_UNKNOWN' | 'FIELD_UNKNOWN_VALUE' | 'FIELD_FORMAT' | 'FIELD_RANGE' | 'FIELD_REQUIRED')
  | ('FACT_ORIGIN' | 'EVIDENCE_TYPE' | 'EVIDENCE_TOO_LARGE' | 'REPLAY_DIFFERS')
  | ('IDENTIFIER_CHECKSUM' | 'IDENTIFIER_FORMAT');

/** No events: the command was carried out before, and the answer is the same as then. `path` is the field's. */
export type Decision =
  { kind: 'accepted'; events: Event[] } | { kind: 'refused'; reason: RefusalReason; path?: string };

export type DecisionContext = {
  programmes: Programmes;
  evaluate: Evaluate;
  checkIdentifier: CheckIdentifier;
  workingDaysOf: (programme: Pick<ProgrammeDefinition, 'calendar' | 'weekend'>) => IsWorkingDay;
  now: Instant;
  /** The person or system that asks. */
  actor: string;
};

export function accepted(...events: Event[]): Decision {
  return { kind: 'accepted', events };
}

export function refused(reason: RefusalReason, path?: string): Decision {
  return { kind: 'refused', reason, ...(path === undefined ? {} : { path }) };
}

/** The day by the clocks of the programme's authority. */
export function todayOf(
  { timeZone }: Pick<ProgrammeDefinition, 'timeZone'>,
  { now }: Pick<DecisionContext, 'now'>,
): Day {
  return dayIn(new Date(now), timeZone);
}

/** The day on which a version of a programme is in force, before it is known which. */
export function dayOf(instant: Instant): Day {
  return instant.slice(0, 10);
}

/** The rules that hold for what was begun under a version; those from before it was noted go by the ones in force. */
export function programmeVersionFor(
  { programmeId, programmeVersion }: { programmeId: string; programmeVersion?: number },
  { programmes, now }: DecisionContext,
): ProgrammeDefinition | undefined {
  return programmeVersion === undefined
    ? programmes.inForce(programmeId, now)
    : programmes.forApplication(programmeId, programmeVersion, now);
}

export function isEqual(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}
