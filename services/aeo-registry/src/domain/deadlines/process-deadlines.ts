import type { Application } from '../application/application.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { dutyEnded, startOf, validityOf } from '../certificate/certificate-dates.ts';
import { endApplication } from '../application/end-application.ts';
import { rulesFor, todayOf, type World } from '../operator/decision.ts';
import type { Event, Instant } from '../operator/event.ts';
import { happeningsOf } from '../application/application-steps.ts';
import { firmOf } from '../operator/firm-of.ts';
import { proofEvents, proofLooks } from '../certificate/expired-evidence.ts';
import { evolve, heldUnder, type Operator } from '../operator/operator.ts';
import {
  clockOn,
  expiries,
  plusDays,
  programmeFor,
  type Day,
  type Clock,
  type ProgrammeDefinition,
} from '@aeo/programmes';

/**
 * Everything whose time has come: deadlines of files, ends of certificates, periodic duties, proofs. What has acted is part of
 * the state, so that it acts once, however often or late anybody looks.
 */
export function processDeadlines(state: Operator, world: World): Event[] {
  const ofFiles = Object.entries(state.applications).flatMap(([id, application]) =>
    application.status === 'submitted' ? expiredIn(id, application, state, world) : [],
  );
  const after = ofFiles.reduce<Operator>(evolve, state);
  return [...ofFiles, ...Object.values(after.certificates).flatMap((each) => expiredOf(each, after, world))];
}

function expiredIn(applicationId: string, application: Application, state: Operator, world: World): Event[] {
  const programme = rulesFor(application, world);
  if (programme === undefined) return [];
  const { now: at } = world;
  const found = expiries(
    clocksOf(application, state, programme, world),
    {
      happenings: happeningsOf(programme, application),
      lengthenings: application.lengthenings,
      acted: application.acted.map(({ clock }) => clock),
    },
    todayOf(programme, world),
    world.workingDaysOf(programme),
  );
  const events = found.map(({ clock, dueOn, action }): Event => {
    return { type: 'ClockExpired', at, applicationId, clock, dueOn, action };
  });
  // Only once, whichever deadline ends it: what has ended has no deadlines any more.
  const ending = found.find(({ action }) => action === 'deemedRefused' || action === 'deemedWithdrawn');
  if (ending === undefined) return events;
  const as = ending.action === 'deemedRefused' ? 'refused' : 'withdrawn';
  return [...events, ...endApplication(applicationId, { as, reason: ending.clock }, state, world)];
}

/** The clocks that run for a file: those of every tier, and those of the tiers it asks for, as its overlays have them. */
export function clocksOf(
  application: Application,
  state: Operator,
  programme: ProgrammeDefinition,
  world: World,
): Clock[] {
  const { tiers } = application;
  const firm = firmOf(state, programme, todayOf(programme, world), application);
  return programmeFor(programme, firm, tiers, world.evaluate).clocks.filter(
    (clock) =>
      clock.tiers === undefined || tiers.length === 0 || clock.tiers.some((id) => tiers.includes(id)),
  );
}

function expiredOf(certificate: Certificate, state: Operator, world: World): Event[] {
  const { certificateId, status, validUntil, continuesFor, duties } = certificate;
  if (status !== 'active' && status !== 'suspended') return [];
  const { now: at } = world;
  const goesOn = continuesFor !== null && isPending(continuesFor, state);
  const stale: Event[] =
    continuesFor === null || goesOn ? [] : [{ type: 'CertificateContinuationEnded', at, certificateId }];
  if (validUntil !== null && validUntil <= at && !goesOn)
    return [...stale, { type: 'CertificateExpired', at, certificateId, effectiveFrom: validUntil }];
  const proofs = proofEvents(certificate, state, world);
  const programme = rulesFor(certificate, world);
  const duty = programme && dutyEnded(programme, certificate, todayOf(programme, world));
  if (duty === undefined || Object.hasOwn(duties, duty.dueOn)) return [...stale, ...proofs];
  const missed: Event = { type: 'DutyMissed', at, certificateId, ...duty };
  if (duty.action === 'lapse')
    return [...stale, missed, { type: 'CertificateExpired', at, certificateId, effectiveFrom: at }];
  // A suspension is an act of a person: whoever reviews the missed duty decides on it.
  return [...stale, missed, ...proofs];
}

/** Whether the renewal for whose sake a certificate goes on is still to be decided. */
function isPending(applicationId: string, { applications }: Operator): boolean {
  return heldUnder(applications, applicationId)?.status === 'submitted';
}

/** When somebody has to look next; null where nothing is due ever. */
export function nextDeadline(state: Operator, world: World): Instant | null {
  const times = [
    ...Object.values(state.applications).flatMap((each) =>
      each.status === 'submitted' ? dueTimes(each, state, world) : [],
    ),
    ...Object.values(state.certificates).flatMap((each) => [
      ...dutyEnds(each, world),
      ...proofLooks(each, state, world),
    ]),
  ];
  const ends = Object.values(state.certificates).flatMap(({ status, validUntil, continuesFor }) => {
    if (status !== 'active' && status !== 'suspended') return [];
    if (continuesFor !== null) return isPending(continuesFor, state) ? [] : [world.now];
    return validUntil === null ? [] : [validUntil];
  });
  return [...times, ...ends].sort()[0] ?? null;
}

function dueTimes(application: Application, state: Operator, world: World): Instant[] {
  const programme = rulesFor(application, world);
  if (programme === undefined) return [];
  const file = {
    happenings: happeningsOf(programme, application),
    lengthenings: application.lengthenings,
  };
  return clocksOf(application, state, programme, world)
    .filter(({ id }) => !application.acted.some(({ clock }) => clock === id))
    .flatMap((clock) => {
      const found = clockOn(clock, file, todayOf(programme, world), world.workingDaysOf(programme));
      return found.status === 'running' || found.status === 'expired'
        ? [afterDay(found.dueOn, programme)]
        : [];
    });
}

/** The end of the duty's window that is next. */
function dutyEnds(certificate: Certificate, world: World): Instant[] {
  const { status, tier, duties } = certificate;
  if (status !== 'active' && status !== 'suspended') return [];
  const programme = rulesFor(certificate, world);
  const duty = programme && validityOf(programme, tier)?.periodicDuty;
  if (duty === undefined || programme === undefined) return [];
  const ended = dutyEnded(programme, certificate, todayOf(programme, world));
  if (ended !== undefined && !Object.hasOwn(duties, ended.dueOn)) return [afterDay(ended.dueOn, programme)];
  const today = todayOf(programme, world);
  const year = Number(today.slice(0, 4));
  const end = [year, year + 1].map((each) => `${each}-${duty.to}`).find((each) => each >= today);
  return end === undefined ? [] : [afterDay(end, programme)];
}

function afterDay(day: Day, { timeZone }: ProgrammeDefinition): Instant {
  return startOf(plusDays(day, 1), timeZone);
}
