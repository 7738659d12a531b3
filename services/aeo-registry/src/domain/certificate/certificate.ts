import type { CertificateEvent, Granted, Instant } from '../operator/event.ts';
import type { Day, Transition } from '@aeo/programmes';

type CertificateStatus = 'active' | 'suspended' | 'revoked' | 'expired';

/** That something is going to be done to a certificate, and what its holder has to say to it. */
type Notice = {
  act: Transition['on'];
  reasonId: string;
  reason: string;
  givenAt: Instant;
  /** The last day the holder has; null where the programme gives none. */
  until: Day | null;
  heardAt: Instant | null;
};

/** One component of a status, with its own dates. */
export type Certificate = Granted & {
  status: CertificateStatus;
  grantedAt: Instant;
  /** When the present tier took effect. */
  tierSince: Instant;
  /** When the present status was decided, when its holder was notified and when it took effect. */
  decidedAt: Instant;
  notifiedAt: Instant | null;
  effectiveFrom: Instant;
  /** Null where it ends by an act alone. */
  validUntil: Instant | null;
  /** The renewal lodged in time, while it is not decided: until then it goes on past its end. */
  continuesFor: string | null;
  notice: Notice | null;
  /** Last days of periodic duties that were fulfilled, or missed. */
  duties: Record<Day, 'fulfilled' | 'missed'>;
  /** Size classes and criteria it rests on that are not proven any more, and the day that was found. */
  lapsedProofs: Record<string, Day>;
};

/** A certificate as it was stored before some of its fields were there. */
export function completeCertificate(
  stored: Partial<Certificate> &
    Granted &
    Pick<Certificate, 'status' | 'grantedAt' | 'decidedAt' | 'effectiveFrom'>,
): Certificate {
  const empty = { notifiedAt: null, validUntil: null, continuesFor: null, notice: null };
  return { ...empty, duties: {}, lapsedProofs: {}, tierSince: stored.grantedAt, ...stored };
}

/** The certificate after an event; only events that were accepted are given to it. */
export function evolveCertificate(before: Certificate | undefined, event: CertificateEvent): Certificate {
  if (event.type === 'CertificateGranted') return granted(event);
  if (before === undefined) throw new Error('a change of a certificate that was never granted');
  switch (event.type) {
    case 'CertificateTierChanged': {
      const { tier, credits, programmeVersion, validUntil, at, effectiveFrom } = event;
      const since = { decidedAt: at, effectiveFrom, tierSince: effectiveFrom };
      return act(before, { tier, credits, programmeVersion, validUntil, ...since });
    }
    case 'CertificateRenewed': {
      const { programmeVersion, validUntil } = event;
      return act(before, { programmeVersion, validUntil, continuesFor: null });
    }
    case 'CertificateContinued':
      return { ...before, continuesFor: event.applicationId };
    case 'CertificateContinuationEnded':
      return { ...before, continuesFor: null };
    case 'CertificateSuspended':
    case 'CertificateRevoked': {
      const status = event.type === 'CertificateSuspended' ? 'suspended' : 'revoked';
      const { at: decidedAt, effectiveFrom = event.at, notifiedAt = null } = event;
      return act(before, { status, decidedAt, effectiveFrom, notifiedAt });
    }
    case 'CertificateReinstated':
      return act(before, { status: 'active', decidedAt: event.at, effectiveFrom: event.at });
    case 'CertificateExpired': {
      const { at: decidedAt, effectiveFrom } = event;
      return act(before, { status: 'expired', decidedAt, effectiveFrom, continuesFor: null });
    }
    case 'CertificateHolderNotified':
      return { ...before, notifiedAt: event.notifiedAt };
    case 'NoticeGiven':
    case 'HearingHeld':
    case 'NoticeWithdrawn':
    case 'DutyFulfilled':
    case 'DutyMissed':
    case 'ProofLapsed':
    case 'ProofRestored':
      return prepared(before, event);
  }
}

type Preparing = Extract<
  CertificateEvent,
  {
    type:
      | ('NoticeGiven' | 'HearingHeld' | 'NoticeWithdrawn' | 'DutyFulfilled' | 'DutyMissed')
      | ('ProofLapsed' | 'ProofRestored');
  }
>;

function prepared(before: Certificate, event: Preparing): Certificate {
  switch (event.type) {
    case 'NoticeGiven': {
      const { act: of, reasonId, reason, until, at: givenAt } = event;
      return { ...before, notice: { act: of, reasonId, reason, until, givenAt, heardAt: null } };
    }
    case 'HearingHeld':
      return { ...before, notice: before.notice && { ...before.notice, heardAt: event.at } };
    case 'NoticeWithdrawn':
      return { ...before, notice: null };
    case 'DutyFulfilled':
      return { ...before, duties: { ...before.duties, [event.dueOn]: 'fulfilled' } };
    case 'DutyMissed':
      return { ...before, duties: { ...before.duties, [event.dueOn]: 'missed' } };
    case 'ProofLapsed':
      return { ...before, lapsedProofs: { ...before.lapsedProofs, [event.of]: event.on } };
    case 'ProofRestored': {
      const others = Object.entries(before.lapsedProofs).filter(([of]) => of !== event.of);
      return { ...before, lapsedProofs: Object.fromEntries(others) };
    }
  }
}

/** An act clears a pending notice; the holder has not yet been notified of the new status. */
function act(before: Certificate, change: Partial<Certificate>): Certificate {
  return { ...before, notice: null, notifiedAt: null, ...change };
}

function granted(event: CertificateEvent & { type: 'CertificateGranted' }): Certificate {
  const { at, effectiveFrom = at, validUntil = null } = event;
  const dates = { grantedAt: at, decidedAt: at, effectiveFrom, validUntil };
  return completeCertificate({ ...event.granted, status: 'active', ...dates });
}
