import type { Certificate } from './certificate.ts';
import { startOf } from './certificate-dates.ts';
import { rulesFor, todayOf, type World } from '../operator/decision.ts';
import type { DecidedOn, Event, Evidence, Instant } from '../operator/event.ts';
import { firmOf } from '../operator/firm-of.ts';
import { heldUnder, type Operator } from '../operator/operator.ts';
import {
  plusDays,
  type Day,
  keptProofs,
  lapsedOf,
  type KeptProof,
  type ProgrammeDefinition,
} from '@aeo/programmes';

/**
 * What has lapsed of that on which a certificate rests, and what is proven again; each is told once. It takes nothing
 * from the holder: a person looks into it and does what the programme foresees.
 */
export function proofEvents(certificate: Certificate, state: Operator, world: World): Event[] {
  const resting = restingOn(certificate, state, world);
  return resting === undefined ? [] : eventsOf(resting, certificate, state, world);
}

function eventsOf(
  { kept, programme, on }: Resting,
  { certificateId, lapsedProofs }: Certificate,
  state: Operator,
  { now: at }: World,
): Event[] {
  const lapsed = lapsedOf(kept, programme, firmOf(state, programme, on));
  const again = Object.keys(lapsedProofs).filter((of) => !lapsed.includes(of));
  return [
    ...lapsed
      .filter((of) => !Object.hasOwn(lapsedProofs, of))
      .map((of): Event => ({ type: 'ProofLapsed', at, certificateId, of, on })),
    ...again.map((of): Event => ({ type: 'ProofRestored', at, certificateId, of, on })),
  ];
}

/** When what a certificate rests on may be another next: at once where that is not told yet. */
export function proofLooks(certificate: Certificate, state: Operator, world: World): Instant[] {
  const resting = restingOn(certificate, state, world);
  if (resting === undefined) return [];
  if (eventsOf(resting, certificate, state, world).length > 0) return [world.now];
  const { kept, programme, on } = resting;
  const types = new Set(kept.flatMap(({ anyOf }) => anyOf.flatMap(({ all }) => all)));
  const [next] = Object.values(state.evidence)
    .filter(({ programmeId, type }) => programmeId === programme.id && types.has(type))
    .flatMap((each) => turnsOf(each, programme, state))
    .filter((day) => day > on)
    .toSorted();
  return next === undefined ? [] : [startOf(next, programme.timeZone)];
}

/** The days on which a document begins or ceases to prove something. */
function turnsOf(
  { type, person, issuedOn, validUntil }: Evidence,
  { evidenceTypes }: ProgrammeDefinition,
  { particulars }: Operator,
): Day[] {
  const forDays = evidenceTypes.find(({ id }) => id === type)?.validForDays;
  const leftOn = person === null ? undefined : heldUnder(particulars.person, person)?.leftOn;
  return [
    ...(issuedOn === null ? [] : [issuedOn]),
    ...(validUntil === null ? [] : [plusDays(validUntil, 1)]),
    ...(forDays == null || issuedOn === null ? [] : [plusDays(issuedOn, forDays + 1)]),
    ...(leftOn == null ? [] : [leftOn]),
  ];
}

type Resting = { kept: KeptProof[]; programme: ProgrammeDefinition; on: string };

function restingOn(certificate: Certificate, state: Operator, world: World): Resting | undefined {
  const { certificateId, status, tier } = certificate;
  if (status !== 'active' && status !== 'suspended') return undefined;
  const programme = rulesFor(certificate, world);
  const decidedOn = decisionBehind(certificateId, state);
  if (programme === undefined || decidedOn === undefined) return undefined;
  const kept = keptProofs(programme, decidedOn.firm, tier, world.evaluate);
  return { kept, programme, on: todayOf(programme, world) };
}

/** The latest decision that gave or renewed a certificate; those from before decisions were kept are not known. */
function decisionBehind(certificateId: string, { applications }: Operator): DecidedOn | undefined {
  return Object.values(applications)
    .flatMap(({ status, certificateIds, decidedOn }) =>
      status === 'granted' && decidedOn !== null && certificateIds.includes(certificateId) ? [decidedOn] : [],
    )
    .toSorted((one, other) => one.firm.asOf.localeCompare(other.firm.asOf))
    .at(-1);
}
