import { lookUp, type Operator } from '../domain/operator/operator.ts';
import { reviewOf } from '../domain/certificate/review.ts';

/** Applications and certificates that lists do not have yet, or have in another status. */
export type ListChanges = {
  applications: { id: string; programmeId: string; status: string }[];
  certificates: { id: string; toReview: boolean }[];
};

/** The changes in the lists of applications and certificates when an operator's state changes. */
export function listChanges(before: Operator | undefined, state: Operator): ListChanges {
  const applications = Object.entries(state.applications)
    .filter(([id, { status }]) => lookUp(before?.applications ?? {}, id)?.status !== status)
    .map(([id, { programmeId, status }]) => ({ id, programmeId, status }));
  const certificates = Object.entries(state.certificates)
    .map(([id, certificate]) => ({ id, toReview: reviewOf(certificate) !== undefined }))
    .filter(({ id, toReview }) => {
      const earlier = lookUp(before?.certificates ?? {}, id);
      return earlier === undefined || (reviewOf(earlier) !== undefined) !== toReview;
    });
  return { applications, certificates };
}
