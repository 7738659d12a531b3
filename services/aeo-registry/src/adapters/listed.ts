import { heldUnder, type Operator } from '../domain/operator/operator.ts';
import { reviewOf } from '../domain/certificate/review.ts';

/** Files and certificates that lists do not have yet, or have in another status. */
export type NewlyListed = {
  applications: { id: string; programmeId: string; status: string }[];
  certificates: { id: string; toReview: boolean }[];
};

/** What changes in the lists of files and certificates when an operator comes into another state. */
export function newlyListed(before: Operator | undefined, state: Operator): NewlyListed {
  const applications = Object.entries(state.applications)
    .filter(([id, { status }]) => heldUnder(before?.applications ?? {}, id)?.status !== status)
    .map(([id, { programmeId, status }]) => ({ id, programmeId, status }));
  const certificates = Object.entries(state.certificates)
    .map(([id, certificate]) => ({ id, toReview: reviewOf(certificate) !== undefined }))
    .filter(({ id, toReview }) => {
      const earlier = heldUnder(before?.certificates ?? {}, id);
      return earlier === undefined || (reviewOf(earlier) !== undefined) !== toReview;
    });
  return { applications, certificates };
}
