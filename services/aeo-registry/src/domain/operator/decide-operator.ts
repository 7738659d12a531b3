import type { OperatorCommand } from './command.ts';
import { accepted, refused, isEqual, type Decision, type DecisionContext } from './decision.ts';
import type { Event, Evidence, FactOrigin } from './event.ts';
import { factProblem } from './fact-problem.ts';
import { statementKey } from './firm-case.ts';
import { identifierProblem } from './identifier.ts';
import { certificatesOf, consentKey, lookUp, sameIdentifier, type Operator } from './operator.ts';
import { applicableProgrammes } from './applicable-programmes.ts';
import type { EvidenceType, Fact, FactValue, ProgrammeDefinition } from '@aeo/programmes';

type Of<Type extends OperatorCommand['type']> = OperatorCommand & { type: Type };

/** Records something about an operator. */
export function decideOperatorCommand(
  command: Exclude<OperatorCommand, { type: 'RegisterOperator' | 'ProcessDeadlines' }>,
  state: Operator,
  context: DecisionContext,
): Decision {
  const at = context.now;
  switch (command.type) {
    case 'ClaimIdentifier':
      return claimIdentifier(command, state, context);
    case 'EndIdentifier':
      return endIdentifier(command, state, at);
    case 'RecordComplianceFacts': {
      const { origin, facts } = command;
      if (isEqual(lookUp(state.facts, origin), facts)) return accepted();
      return accepted({ type: 'ComplianceFactsRecorded', at, origin, facts });
    }
    case 'RecordControl': {
      const { controlId, outcome, declaredOn } = command;
      return accepted({ type: 'ControlRecorded', at, controlId, outcome, declaredOn });
    }
    case 'RecordFacts':
      return recordFacts(command, state, context);
    case 'RecordEvidence':
      return recordEvidence(command, state, context);
    case 'RecordConsent':
      return recordConsent(command, state, context);
    case 'RecordParticular': {
      const { kind, id, particular } = command;
      if (isEqual(lookUp<unknown>(state.particulars[kind], id), particular)) return accepted();
      return accepted({ type: 'ParticularRecorded', at, kind, id, particular });
    }
    case 'ReportFailedCriterion':
      return reportFailedCriterion(command, state, context);
    case 'GrantDelegation':
      return accepted({ type: 'DelegationGranted', at, adviser: command.adviser, until: command.until });
    case 'RevokeDelegation':
      return lookUp(state.delegations, command.adviser) === undefined
        ? refused('NOT_FOUND', 'adviser')
        : accepted({ type: 'DelegationRevoked', at, adviser: command.adviser });
  }
}

/** As many as a registration may have. */
const identifiersMax = 50;

function claimIdentifier(
  { claim }: Of<'ClaimIdentifier'>,
  { profile }: Operator,
  context: DecisionContext,
): Decision {
  const { now: at, checkIdentifier } = context;
  const earlier = profile.identifiers.find((each) => sameIdentifier(each.identifier, claim.identifier));
  if (earlier !== undefined)
    return isEqual(earlier, claim) ? accepted() : refused('KEY_REUSED', 'identifier');
  const problem = identifierProblem(claim.identifier, checkIdentifier);
  if (problem !== undefined) return refused(problem, 'identifier');
  if (profile.identifiers.length >= identifiersMax) return refused('FIELD_RANGE', 'identifiers');
  return accepted({ type: 'IdentifierClaimed', at, claim });
}

function endIdentifier(command: Of<'EndIdentifier'>, { profile }: Operator, at: string): Decision {
  const { identifier, validUntil } = command;
  const held = profile.identifiers.find((each) => sameIdentifier(each.identifier, identifier));
  if (held === undefined) return refused('NOT_FOUND', 'identifier');
  // An ended identifier stays ended; a known end may only be moved forward.
  if (held.validUntil !== null && held.validUntil <= at) return accepted();
  if (held.validUntil !== null && validUntil !== null && validUntil > held.validUntil)
    return refused('FIELD_RANGE', 'validUntil');
  // What was declared under it until now stays as it was decided.
  const end = validUntil === null || validUntil < at ? at : validUntil;
  return accepted({ type: 'IdentifierEnded', at, identifier, validUntil: end });
}

function programmeOf(
  programmeId: string,
  { programmes, now }: DecisionContext,
): ProgrammeDefinition | undefined {
  return programmes.inForce(programmeId, now);
}

function recordFacts(command: Of<'RecordFacts'>, state: Operator, context: DecisionContext): Decision {
  const { programmeId, origin, facts } = command;
  const programmes = applicableProgrammes(programmeId, state, context);
  if (programmes.length === 0) return refused('NOT_FOUND', 'programmeId');
  const stated: Record<string, FactValue> = {};
  for (const [name, value] of Object.entries(facts)) {
    const fact = acceptingFact(programmes, name, value, origin);
    const problem = factProblem(fact, value, origin);
    if (fact === undefined || problem !== undefined)
      return refused(problem ?? 'FIELD_UNKNOWN_VALUE', `facts.${name}`);
    stated[statementKey(programmeId, fact)] = value;
  }
  const isKnown = Object.entries(stated).every(([key, value]) => {
    const held = lookUp(state.statements, key);
    return held?.origin === origin && isEqual(held.value, value);
  });
  return isKnown
    ? accepted()
    : accepted({ type: 'FactsRecorded', at: context.now, programmeId, origin, facts: stated });
}

/** The fact as the first version defines it that accepts the value, else as the first version that has it. */
function acceptingFact(
  programmes: readonly ProgrammeDefinition[],
  name: string,
  value: FactValue,
  origin: FactOrigin,
): Fact | undefined {
  const found = programmes.flatMap(({ facts }) => facts.filter(({ id }) => id === name));
  return found.find((fact) => factProblem(fact, value, origin) === undefined) ?? found[0];
}

const bytesPerMegabyte = 1_000_000;

const officeFormats = 'vnd.openxmlformats-officedocument';
/** Formats whose usual ending is not their subtype in IANA's list of media types. */
const endings: Readonly<Record<string, string>> = {
  jpeg: 'jpg',
  tiff: 'tif',
  [`${officeFormats}.wordprocessingml.document`]: 'docx',
  [`${officeFormats}.spreadsheetml.sheet`]: 'xlsx',
  [`${officeFormats}.presentationml.presentation`]: 'pptx',
  'vnd.oasis.opendocument.text': 'odt',
  'vnd.oasis.opendocument.spreadsheet': 'ods',
};

/** A format by its usual ending, as programmes name it. */
function formatOf(mediaType: string): string {
  const subtype = mediaType.split('/').at(-1) ?? '';
  return lookUp(endings, subtype) ?? subtype;
}

function recordEvidence(command: Of<'RecordEvidence'>, state: Operator, context: DecisionContext): Decision {
  const { evidenceId, evidence } = command;
  const { programmeId, type: typeId, person, issuedOn, validUntil } = evidence;
  const types = applicableProgrammes(programmeId, state, context)
    .flatMap(({ evidenceTypes }) => evidenceTypes)
    .filter(({ id }) => id === typeId);
  const [newest] = types;
  if (newest === undefined) return refused('NOT_FOUND', 'type');
  const earlier = lookUp(state.evidence, evidenceId);
  if (earlier !== undefined) return isEqual(earlier, evidence) ? accepted() : refused('KEY_REUSED');
  if (!types.some((type) => evidenceProblem(evidence, type) === undefined))
    return evidenceProblem(evidence, newest) ?? refused('EVIDENCE_TYPE', 'mediaType');
  if (issuedOn !== null && validUntil !== null && validUntil < issuedOn)
    return refused('FIELD_RANGE', 'validUntil');
  if (person !== null && lookUp(state.particulars.person, person) === undefined)
    return refused('NOT_FOUND', 'person');
  return accepted({ type: 'EvidenceRecorded', at: context.now, evidenceId, evidence });
}

/** Why a document is not of a type. */
function evidenceProblem({ mediaType, bytes, person }: Evidence, type: EvidenceType): Decision | undefined {
  if (!type.formats.includes(formatOf(mediaType))) return refused('EVIDENCE_TYPE', 'mediaType');
  if (bytes > type.maxMegabytes * bytesPerMegabyte) return refused('EVIDENCE_TOO_LARGE', 'bytes');
  return type.personBound && person === null ? refused('FIELD_REQUIRED', 'person') : undefined;
}

function recordConsent(command: Of<'RecordConsent'>, state: Operator, context: DecisionContext): Decision {
  const { programmeId, consentId, arrangement, given } = command;
  const earlier = lookUp(state.consents, consentKey(command));
  if (earlier?.given === given) return accepted();
  // A consent can always be withdrawn, whatever the programme says now.
  if (!given && earlier?.given === true)
    return accepted({ type: 'ConsentRecorded', at: context.now, programmeId, consentId, arrangement, given });
  const consents = applicableProgrammes(programmeId, state, context)
    .flatMap((programme) => programme.consents)
    .filter(({ id }) => id === consentId);
  if (consents.length === 0) return refused('NOT_FOUND', 'consentId');
  if (!consents.some(({ mode }) => (mode === 'perArrangement') === (arrangement !== '')))
    return refused(arrangement === '' ? 'FIELD_REQUIRED' : 'FIELD_UNKNOWN', 'arrangement');
  if ((earlier?.given ?? false) === given) return accepted();
  return accepted({ type: 'ConsentRecorded', at: context.now, programmeId, consentId, arrangement, given });
}

/** Suspends each certificate whose tier the programme suspends for this criterion, under the reason it lists. */
function reportFailedCriterion(
  command: Of<'ReportFailedCriterion'>,
  state: Operator,
  context: DecisionContext,
): Decision {
  const { programmeId, criterion, reason } = command;
  const programme = programmeOf(programmeId, context);
  if (programme === undefined) return refused('NOT_FOUND', 'programmeId');
  if (!programme.criteria.some(({ id }) => id === criterion))
    return refused('FIELD_UNKNOWN_VALUE', 'criterion');
  const grounds = programme.transitions.flatMap(({ on, tiers, reasons }) => {
    const named = reasons.find(({ failedCriteria = [] }) => failedCriteria.includes(criterion));
    return on === 'suspend' && named !== undefined ? [{ tiers, reasonId: named.id }] : [];
  });
  if (grounds.length === 0) return refused('TRANSITION_NOT_FORESEEN');
  const { now: at } = context;
  const suspensions = certificatesOf(state, programmeId).flatMap(
    ({ certificateId, status, tier }): Event[] => {
      const ground = grounds.find(({ tiers }) => tiers.includes(tier));
      if (status !== 'active' || ground === undefined) return [];
      const { reasonId } = ground;
      return [
        {
          type: 'CertificateSuspended',
          at,
          certificateId,
          reason,
          reasonId,
          effectiveFrom: at,
          notifiedAt: at,
        },
      ];
    },
  );
  return accepted(...suspensions);
}
