import { clockDeadlines, plusDays, type Day, type ProgrammeDefinition } from '@aeo/programmes';
import { clockRecordOf, clocksOf } from '../application/application-clocks.ts';
import type { Application } from '../application/application.ts';
import { endApplication } from '../application/end-application.ts';
import { lastEndedDuty, startOf, validityOf } from '../certificate/certificate-dates.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { evidenceDeadlines } from '../certificate/expired-evidence.ts';
import { programmeVersionFor, todayOf, type DecisionContext } from '../operator/decision.ts';
import type { Event, Instant } from '../operator/event.ts';
import { evolve, lookUp, type Operator } from '../operator/operator.ts';
import type { Deadline } from './deadline.ts';

/**
 * The events of every deadline that has passed: of applications, certificates, periodic duties and evidence. Each
 * event changes the state so that its deadline does not return: processing again, or late, adds nothing.
 */
export function processDeadlines(state: Operator, context: DecisionContext): Event[] {
  const ofApplications = Object.entries(state.applications).flatMap(([id, application]) =>
    expire(id, application, state, context),
  );
  const after = ofApplications.reduce<Operator>(evolve, state);
  return [...ofApplications, ...dueEvents(deadlinesOfCertificates(after, context), context.now)];
}

/** When deadlines have to be processed next; null where none lies ahead. */
export function nextDeadline(state: Operator, context: DecisionContext): Instant | null {
  const ofApplications = Object.entries(state.applications).flatMap(([id, application]) =>
    deadlinesOfApplication(id, application, state, context),
  );
  const all = [...ofApplications, ...deadlinesOfCertificates(state, context)];
  return all.map(({ at }) => at).sort()[0] ?? null;
}

function dueEvents(deadlines: readonly Deadline[], now: Instant): Event[] {
  return deadlines.filter(({ at }) => at <= now).flatMap(({ events }) => events);
}

/** The clocks of an application that have expired, and its end where one of them ends it. */
function expire(
  applicationId: string,
  application: Application,
  state: Operator,
  context: DecisionContext,
): Event[] {
  const events = dueEvents(deadlinesOfApplication(applicationId, application, state, context), context.now);
  // Whichever clock ends it, an application ends once.
  for (const event of events) {
    if (event.type !== 'ClockExpired') continue;
    const as = endOn[event.action];
    if (as !== undefined)
      return [...events, ...endApplication(applicationId, { as, reason: event.clock }, state, context)];
  }
  return events;
}

const endOn: Readonly<Record<string, 'refused' | 'withdrawn' | undefined>> = {
  deemedRefused: 'refused',
  deemedWithdrawn: 'withdrawn',
};

function deadlinesOfApplication(
  applicationId: string,
  application: Application,
  state: Operator,
  context: DecisionContext,
): Deadline[] {
  const programme =
    application.status === 'submitted' ? programmeVersionFor(application, context) : undefined;
  if (programme === undefined) return [];
  const acted = application.acted.map(({ clock }) => clock);
  return clockDeadlines(
    clocksOf(application, state, programme, context).filter(({ id }) => !acted.includes(id)),
    clockRecordOf(programme, application),
    todayOf(programme, context),
    context.workingDaysOf(programme),
  ).map((deadline) => ({
    at: afterDay(deadline.dueOn, programme),
    events: [{ type: 'ClockExpired', at: context.now, applicationId, ...deadline }],
  }));
}

function deadlinesOfCertificates(state: Operator, context: DecisionContext): Deadline[] {
  return Object.values(state.certificates)
    .filter(({ status }) => status === 'active' || status === 'suspended')
    .flatMap((certificate) =>
      upToExpiry(
        [
          ...endsOf(certificate, state, context),
          ...dutyDeadlines(certificate, context),
          ...evidenceDeadlines(certificate, state, context),
        ],
        context.now,
      ),
    );
}

/** Nothing more happens to a certificate that has expired. */
function upToExpiry(deadlines: Deadline[], now: Instant): Deadline[] {
  const expiry = deadlines.findIndex(
    ({ at, events }) => at <= now && events.some(({ type }) => type === 'CertificateExpired'),
  );
  return expiry < 0 ? deadlines : deadlines.slice(0, expiry + 1);
}

/** The end of the term, unless a renewal that is still to be decided keeps the certificate valid. */
function endsOf(
  { certificateId, validUntil, continuesFor }: Certificate,
  { applications }: Operator,
  { now: at }: DecisionContext,
): Deadline[] {
  if (continuesFor !== null && lookUp(applications, continuesFor)?.status === 'submitted') return [];
  const continuationEnded: Event = { type: 'CertificateContinuationEnded', at, certificateId };
  const ended = continuesFor === null ? [] : [{ at, events: [continuationEnded] }];
  if (validUntil === null) return ended;
  const expired: Event = { type: 'CertificateExpired', at, certificateId, effectiveFrom: validUntil };
  // A term that the continuation outlasted ends together with it.
  const expiresAt = continuesFor !== null && validUntil < at ? at : validUntil;
  return [...ended, { at: expiresAt, events: [expired] }];
}

/** The end of a duty's window: the last one, while the duty is neither fulfilled nor missed, else the next one. */
function dutyDeadlines(certificate: Certificate, context: DecisionContext): Deadline[] {
  const { certificateId, tier, duties } = certificate;
  const programme = programmeVersionFor(certificate, context);
  const periodic = programme && validityOf(programme, tier)?.periodicDuty;
  if (periodic === undefined || programme === undefined) return [];
  const today = todayOf(programme, context);
  const duty = lastEndedDuty(programme, certificate, today);
  if (duty === undefined || Object.hasOwn(duties, duty.dueOn)) {
    const year = Number(today.slice(0, 4));
    const end = [year, year + 1].map((each) => `${each}-${periodic.to}`).find((each) => each >= today);
    return end === undefined ? [] : [{ at: afterDay(end, programme), events: [] }];
  }
  const { now: at } = context;
  const missed: Event = { type: 'DutyMissed', at, certificateId, ...duty };
  // A suspension is an act of a person, who decides on it when reviewing the missed duty.
  const expired: Event[] =
    duty.action === 'lapse' ? [{ type: 'CertificateExpired', at, certificateId, effectiveFrom: at }] : [];
  return [{ at: afterDay(duty.dueOn, programme), events: [missed, ...expired] }];
}

function afterDay(day: Day, { timeZone }: ProgrammeDefinition): Instant {
  return startOf(plusDays(day, 1), timeZone);
}
