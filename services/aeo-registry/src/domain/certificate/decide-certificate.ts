import type { Certificate } from './certificate.ts';
import { lastEndedDuty, openDuty, endOfTerm, startOf } from './certificate-dates.ts';
import type { CertificateCommand } from '../operator/command.ts';
import {
  accepted,
  dayOf,
  refused,
  todayOf,
  type Decision,
  type DecisionContext,
} from '../operator/decision.ts';
import { lookUp, type Operator } from '../operator/operator.ts';
import {
  plusDays,
  plusMonths,
  type Day,
  type Length,
  type Transition,
  type ProgrammeDefinition,
} from '@aeo/programmes';

type Of<Type extends CertificateCommand['type']> = CertificateCommand & { type: Type };
type Held = {
  certificate: Certificate;
  programme: ProgrammeDefinition | undefined;
  today: Day;
  context: DecisionContext;
};

/** What is done to a certificate: an act of a person, under the programme's notice and hearing. */
export function decideCertificateCommand(
  command: CertificateCommand,
  state: Operator,
  context: DecisionContext,
): Decision {
  const certificate = lookUp(state.certificates, command.certificateId);
  if (certificate === undefined) return refused('NOT_FOUND');
  const { programmes, now } = context;
  const { programmeId, programmeVersion } = certificate;
  // An act is done under the rules of its own day.
  const programme = programmes.inForce(programmeId, now) ?? programmes.version(programmeId, programmeVersion);
  const held = {
    certificate,
    programme,
    today: programme ? todayOf(programme, context) : dayOf(now),
    context,
  };
  switch (command.type) {
    case 'GiveNotice':
      return giveNotice(command, held);
    case 'SuspendCertificate':
      return suspend(command, held);
    case 'RevokeCertificate':
      return revoke(command, held);
    case 'DowngradeCertificate':
      return downgrade(command, held);
    case 'FulfilDuty':
      return fulfil(command, held);
    case 'WithdrawNotice':
    case 'HoldHearing':
    case 'ReinstateCertificate':
    case 'NotifyHolder':
      return tend(command, certificate, now);
  }
}

function tend(
  command: Of<'WithdrawNotice' | 'HoldHearing' | 'ReinstateCertificate' | 'NotifyHolder'>,
  certificate: Certificate,
  at: string,
): Decision {
  const { certificateId } = certificate;
  switch (command.type) {
    case 'WithdrawNotice':
      if (certificate.notice === null) return refused('OUT_OF_ORDER');
      return accepted({ type: 'NoticeWithdrawn', at, certificateId, reason: command.reason });
    case 'HoldHearing':
      if (certificate.notice === null) return refused('OUT_OF_ORDER');
      return accepted({ type: 'HearingHeld', at, certificateId, note: command.note });
    case 'ReinstateCertificate':
      if (certificate.status !== 'suspended') return refused('OUT_OF_ORDER');
      return accepted({ type: 'CertificateReinstated', at, certificateId, reason: command.reason });
    case 'NotifyHolder': {
      const notifiedAt = command.notifiedAt ?? at;
      if (certificate.notifiedAt === notifiedAt) return accepted();
      // The holder cannot have been notified before the decision, nor in the future.
      if (notifiedAt < certificate.decidedAt || notifiedAt > at) return refused('FIELD_RANGE', 'notifiedAt');
      return accepted({ type: 'CertificateHolderNotified', at, certificateId, notifiedAt });
    }
  }
}

/** The programme's rules on an act against a tier, those for the reason given where it is given. */
function rulesOn(
  act: Transition['on'],
  reasonId: string | undefined,
  { certificate, programme }: Held,
): Transition[] {
  return (programme?.transitions ?? []).filter(
    ({ on, tiers, reasons }) =>
      on === act &&
      tiers.includes(certificate.tier) &&
      (reasonId === undefined || reasons.some(({ id }) => id === reasonId)),
  );
}

function giveNotice({ act, reasonId, reason }: Of<'GiveNotice'>, held: Held): Decision {
  const { certificate, context, today } = held;
  const { certificateId, status, notice } = certificate;
  if (status === 'revoked' || status === 'expired' || notice !== null) return refused('OUT_OF_ORDER');
  if (rulesOn(act, undefined, held).length === 0) return refused('TRANSITION_NOT_FORESEEN', 'act');
  const rules = rulesOn(act, reasonId, held);
  if (rules.length === 0) return refused('FIELD_UNKNOWN_VALUE', 'reasonId');
  const ends = rules
    .flatMap(({ notice: given, remedy }) => [given, remedy])
    .flatMap((length) => (isLength(length) ? [endOf(length, today, held)] : []))
    .sort();
  const { now: at } = context;
  return accepted({
    type: 'NoticeGiven',
    at,
    certificateId,
    act,
    reasonId,
    reason,
    notifiedAt: at,
    until: ends.at(-1) ?? null,
  });
}

function isLength(length: Length | 'unknown' | undefined): length is Length {
  return length !== undefined && length !== 'unknown';
}

/** The last day of a length of time; the day on which it begins is not counted. */
function endOf({ n, unit }: Length, from: Day, { programme, context }: Held): Day {
  if (unit === 'month') return plusMonths(from, n);
  if (unit === 'calendarDay') return plusDays(from, n);
  const isWorkingDay = context.workingDaysOf(programme ?? { calendar: 'unknown' });
  let day = from;
  for (let left = n; left > 0;) {
    day = plusDays(day, 1);
    if (isWorkingDay(day)) left -= 1;
  }
  return day;
}

/** What the programme asks for before an act and has not been done; undefined where it may be done now. */
function missingFor(act: Transition['on'], reasonId: string | undefined, held: Held): Decision | undefined {
  if (rulesOn(act, undefined, held).length === 0) return refused('TRANSITION_NOT_FORESEEN');
  const rules = rulesOn(act, reasonId, held);
  if (rules.length === 0) return refused('FIELD_UNKNOWN_VALUE', 'reasonId');
  const { notice } = held.certificate;
  const given = notice?.act === act ? notice : null;
  const needsNotice = rules.some((rule) => isLength(rule.notice) || isLength(rule.remedy));
  const needsHearing = rules.some(({ hearing }) => hearing === true);
  if ((needsNotice || needsHearing) && given === null) return refused('NOTICE_NEEDED');
  if (needsNotice && given?.until != null && held.today <= given.until) return refused('NOTICE_NEEDED');
  return needsHearing && given?.heardAt == null ? refused('HEARING_NEEDED') : undefined;
}

function suspend(
  { reason, reasonId, effectiveFrom: requested }: Of<'SuspendCertificate'>,
  held: Held,
): Decision {
  const { certificate, context } = held;
  if (certificate.status !== 'active') return refused('OUT_OF_ORDER');
  const missing = missingFor('suspend', reasonId, held);
  if (missing !== undefined) return missing;
  const { now: at } = context;
  const { certificateId } = certificate;
  return accepted({
    type: 'CertificateSuspended',
    at,
    certificateId,
    reason,
    ...(reasonId === undefined ? {} : { reasonId }),
    effectiveFrom: notBefore(at, requested),
    notifiedAt: at,
  });
}

/** A past date takes effect now: what was decided before stays decided. */
function notBefore(now: string, requested: string | null): string {
  return requested === null || requested < now ? now : requested;
}

function revoke({ reason, reasonId }: Of<'RevokeCertificate'>, held: Held): Decision {
  const { certificate, context } = held;
  const { certificateId, status } = certificate;
  if (status === 'revoked' || status === 'expired') return refused('OUT_OF_ORDER');
  const missing = missingFor('revoke', reasonId, held);
  if (missing !== undefined) return missing;
  const { now: at } = context;
  // A suspended certificate gives nothing until then, and shall not give anything in between.
  const isLater =
    status === 'active' &&
    rulesOn('revoke', reasonId, held).some(({ effective }) => effective === 'dayAfterNotification');
  const effectiveFrom = isLater ? startOf(plusDays(held.today, 1), held.programme?.timeZone) : at;
  return accepted({
    type: 'CertificateRevoked',
    at,
    certificateId,
    reason,
    ...(reasonId === undefined ? {} : { reasonId }),
    effectiveFrom,
    notifiedAt: at,
  });
}

function downgrade({ tier: id, reason, reasonId }: Of<'DowngradeCertificate'>, held: Held): Decision {
  const { certificate, programme, today, context } = held;
  if (certificate.status !== 'active') return refused('OUT_OF_ORDER');
  const tier = programme?.tiers.find((each) => each.id === id);
  const rank = programme?.tiers.find((each) => each.id === certificate.tier)?.rank;
  if (tier === undefined || programme === undefined) return refused('FIELD_UNKNOWN_VALUE', 'tier');
  const isBelow = rank !== undefined && tier.rank < rank && tier.polarity === 'granted';
  if (tier.component !== certificate.component || !isBelow) return refused('FIELD_RANGE', 'tier');
  const missing = missingFor('downgrade', reasonId, held);
  if (missing !== undefined) return missing;
  const { now: at } = context;
  return accepted({
    type: 'CertificateTierChanged',
    at,
    certificateId: certificate.certificateId,
    reason,
    ...(reasonId === undefined ? {} : { reasonId }),
    direction: 'downgrade',
    tier: id,
    credits: tier.credits,
    programmeVersion: programme.version,
    effectiveFrom: at,
    validUntil: certificate.validUntil ?? endOfTerm(programme, id, today),
  });
}

function fulfil({ form }: Of<'FulfilDuty'>, { certificate, programme, today, context }: Held): Decision {
  const { certificateId, tier, status, duties } = certificate;
  if (status !== 'active' && status !== 'suspended') return refused('OUT_OF_ORDER');
  const open = programme && (openDuty(programme, tier, today) ?? missedDuty(certificate, programme, today));
  if (open === undefined) return refused('OUT_OF_ORDER');
  if (open.form !== form) return refused('FIELD_UNKNOWN_VALUE', 'form');
  if (lookUp(duties, open.dueOn) === 'fulfilled') return accepted();
  return accepted({ type: 'DutyFulfilled', at: context.now, certificateId, ...open });
}

/** One that was missed can be made up for, until it is due again. */
function missedDuty(certificate: Certificate, programme: ProgrammeDefinition, today: Day) {
  const ended = lastEndedDuty(programme, certificate, today);
  if (ended === undefined || !Object.hasOwn(certificate.duties, ended.dueOn)) return undefined;
  return { form: ended.form, dueOn: ended.dueOn };
}
