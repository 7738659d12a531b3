import { pageOf, restRoute, type RestRoute } from '@aeo/platform/http';
import { z } from 'zod';
import { callers } from '../callers.ts';
import { reviewOf } from '../../domain/certificate/review.ts';
import type { ListedCertificate, Ports } from '../../ports.ts';
import { pageByIdPair } from '../id-pair-page.ts';
import { day } from './answer-parts.ts';
import { certificate } from './answers.ts';
import { paging } from './fields.ts';

const review = certificate
  .pick({
    certificateId: true,
    programmeId: true,
    component: true,
    tier: true,
    status: true,
    lapsedProofs: true,
  })
  .extend({ operatorId: z.string(), missedDuties: z.array(day) });

/** Certificates that an officer has to review: a deadline alone takes no certificate from a firm. */
export function reviewsRoute(ports: Pick<Ports, 'listReviews'>): RestRoute {
  return restRoute({
    method: 'get',
    path: '/v1/reviews',
    allow: callers.worklist,
    query: paging,
    summary: 'Certificates due for review: their evidence has expired, or a duty was missed',
    answer: pageOf(review),
    handle: async ({ query }) => {
      const { items, nextCursor = null } = await pageByIdPair(
        query,
        ([certificateId, operatorId], limit) => ports.listReviews({ certificateId, operatorId }, limit),
        ({ certificate: { certificateId }, operatorId }) => [certificateId, operatorId],
      );
      return { items: items.flatMap(reviewItems), nextCursor };
    },
  });
}

function reviewItems({ operatorId, certificate: held }: ListedCertificate) {
  const open = reviewOf(held);
  const { certificateId, programmeId, component, tier, status } = held;
  const named = { certificateId, operatorId, programmeId, component, tier, status };
  return open === undefined ? [] : [{ ...named, ...open }];
}
