import type { DecisionContext } from '../operator/decision.ts';
import type { Event } from '../operator/event.ts';
import type { Operator } from '../operator/operator.ts';

/**
 * Ends an application without a decision on its criteria, and the continuations that depended on it.
 *
 * @param end `by` names the person who ended it, if it was one: that person may not decide the appeal
 */
export function endApplication(
  applicationId: string,
  { as, reason, by }: { as: 'refused' | 'withdrawn'; reason: string; by?: string },
  state: Operator,
  { now: at }: Pick<DecisionContext, 'now'>,
): Event[] {
  const end: Event =
    as === 'withdrawn'
      ? { type: 'ApplicationWithdrawn', at, applicationId, reason }
      : {
          type: 'ApplicationRefused',
          at,
          applicationId,
          results: [],
          reason,
          ...(by === undefined ? {} : { by }),
        };
  return [end, ...endContinuations(applicationId, state, at)];
}

/** Certificates that this renewal kept valid past their end are kept no longer: the next deadline run expires them. */
export function endContinuations(applicationId: string, { certificates }: Operator, at: string): Event[] {
  return Object.values(certificates)
    .filter(({ continuesFor }) => continuesFor === applicationId)
    .map(({ certificateId }) => ({ type: 'CertificateContinuationEnded', at, certificateId }));
}
