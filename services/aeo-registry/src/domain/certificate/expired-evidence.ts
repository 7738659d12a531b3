import type { Certificate } from './certificate.ts';
import type { Deadline } from '../deadlines/deadline.ts';
import { startOf } from './certificate-dates.ts';
import { programmeVersionFor, todayOf, type DecisionContext } from '../operator/decision.ts';
import type { DecidedOn, Event, Evidence } from '../operator/event.ts';
import { firmCaseOf } from '../operator/firm-case.ts';
import { lookUp, type Operator } from '../operator/operator.ts';
import {
  plusDays,
  type Day,
  requiredEvidence,
  missingEvidence,
  type RequiredEvidence,
  type ProgrammeDefinition,
} from '@aeo/programmes';

/**
 * When the evidence of a certificate has to be checked: at once where evidence has expired or was restored since the
 * last check, else on the next day on which a document begins or ceases to prove something. Expired evidence takes
 * nothing from the holder: a person reviews it and does what the programme foresees.
 */
export function evidenceDeadlines(
  certificate: Certificate,
  state: Operator,
  context: DecisionContext,
): Deadline[] {
  const found = requirementsOf(certificate, state, context);
  if (found === undefined) return [];
  const events = changesOf(found, certificate, state, context);
  if (events.length > 0) return [{ at: context.now, events }];
  const { required, programme, on } = found;
  const types = new Set(required.flatMap(({ anyOf }) => anyOf.flatMap(({ all }) => all)));
  const [next] = Object.values(state.evidence)
    .filter(({ programmeId, type }) => programmeId === programme.id && types.has(type))
    .flatMap((each) => changeDays(each, programme, state))
    .filter((day) => day > on)
    .toSorted();
  return next === undefined ? [] : [{ at: startOf(next, programme.timeZone), events: [] }];
}

function changesOf(
  { required, programme, on }: Requirements,
  { certificateId, lapsedProofs }: Certificate,
  state: Operator,
  { now: at }: DecisionContext,
): Event[] {
  const missing = missingEvidence(required, programme, firmCaseOf(state, programme, on));
  const restored = Object.keys(lapsedProofs).filter((of) => !missing.includes(of));
  return [
    ...missing
      .filter((of) => !Object.hasOwn(lapsedProofs, of))
      .map((of): Event => ({ type: 'ProofLapsed', at, certificateId, of, on })),
    ...restored.map((of): Event => ({ type: 'ProofRestored', at, certificateId, of, on })),
  ];
}

/** The days on which a document begins or ceases to prove something. */
function changeDays(
  { type, person, issuedOn, validUntil }: Evidence,
  { evidenceTypes }: ProgrammeDefinition,
  { particulars }: Operator,
): Day[] {
  const forDays = evidenceTypes.find(({ id }) => id === type)?.validForDays;
  const leftOn = person === null ? undefined : lookUp(particulars.person, person)?.leftOn;
  return [
    ...(issuedOn === null ? [] : [issuedOn]),
    ...(validUntil === null ? [] : [plusDays(validUntil, 1)]),
    ...(forDays == null || issuedOn === null ? [] : [plusDays(issuedOn, forDays + 1)]),
    ...(leftOn == null ? [] : [leftOn]),
  ];
}

type Requirements = { required: RequiredEvidence[]; programme: ProgrammeDefinition; on: string };

function requirementsOf(
  certificate: Certificate,
  state: Operator,
  context: DecisionContext,
): Requirements | undefined {
  const { certificateId, status, tier } = certificate;
  if (status !== 'active' && status !== 'suspended') return undefined;
  const programme = programmeVersionFor(certificate, context);
  const decidedOn = latestDecisionOn(certificateId, state);
  if (programme === undefined || decidedOn === undefined) return undefined;
  const required = requiredEvidence(programme, decidedOn.firm, tier, context.evaluate);
  return { required, programme, on: todayOf(programme, context) };
}

/** The latest decision that gave or renewed a certificate; undefined for one from before decisions were kept. */
function latestDecisionOn(certificateId: string, { applications }: Operator): DecidedOn | undefined {
  return Object.values(applications)
    .flatMap(({ status, certificateIds, decidedOn }) =>
      status === 'granted' && decidedOn !== null && certificateIds.includes(certificateId) ? [decidedOn] : [],
    )
    .toSorted((one, other) => one.firm.asOf.localeCompare(other.firm.asOf))
    .at(-1);
}
