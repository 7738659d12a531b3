export {
  type CaseDecision,
  type CriterionResult,
  decideCase,
  programmeFor,
} from './domain/deciding/decide-case.ts';
export {
  type Evaluate,
  type EvidenceItem,
  type FactValue,
  type FirmCase,
  type GroupMember,
  type Outcome,
  isDay,
  isOfType,
  problemsOfCase,
  sizeClassOf,
} from './domain/deciding/firm-case.ts';
export {
  type RequiredEvidence,
  requiredEvidence,
  missingEvidence,
} from './domain/deciding/required-evidence.ts';
export { canonical } from './domain/definition/canonical-json.ts';
export type { Day, EvidenceType, Fact, Texts, Tier } from './domain/definition/definition.ts';
export type {
  Actor,
  Clock,
  Consent,
  Length,
  Step,
  Transition,
  Validity,
} from './domain/definition/procedure.ts';
export { type UsedVersion, changedVersions, hashOf } from './domain/definition/programme-hash.ts';
export type { ProgrammeDefinition } from './domain/definition/programme.ts';
export { type Programmes, programmesOf } from './domain/definition/programmes.ts';
export { type Effort, type Questionnaire, effortOf, questionsFor } from './domain/questions/questions.ts';
export { measures, tfa77Of } from './domain/questions/tfa77.ts';
export {
  type ClockState,
  type ClockRecord,
  type StepOutcome,
  type IsWorkingDay,
  type ClockExtension,
  clockDeadlines,
  clockOn,
} from './domain/time/clock.ts';
export { dayIn, plusDays, plusMonths } from './domain/time/days.ts';
