import { pageOf, restRoute, type RestRoute } from '@aeo/platform/http';
import { z } from 'zod';
import { callers } from '../callers.ts';
import { reviewOf } from '../../domain/certificate/review.ts';
import type { Ports } from '../../ports.ts';
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

/** What an officer has to look into, since nothing is taken from anybody by a clock alone. */
export function reviewsRoute(ports: Pick<Ports, 'listReviews'>): RestRoute {
  return restRoute({
    method: 'get',
    path: '/v1/reviews',
    allow: callers.worklist,
    query: paging,
    summary: 'Certificates to look into: what they rest on has lapsed, or a duty was missed',
    answer: pageOf(review),
    handle: async ({ query: { limit, cursor } }) => {
      const [certificateId = '', operatorId = ''] = cursor.split('/');
      const found = await ports.listReviews({ certificateId, operatorId }, limit);
      const last = found.length < limit ? undefined : found.at(-1);
      return {
        items: found.flatMap(({ operatorId: of, certificate: held }) => {
          const open = reviewOf(held);
          const { certificateId: name, programmeId, component, tier, status } = held;
          const named = { certificateId: name, operatorId: of, programmeId, component, tier, status };
          return open === undefined ? [] : [{ ...named, ...open }];
        }),
        nextCursor: last === undefined ? null : `${last.certificate.certificateId}/${last.operatorId}`,
      };
    },
  });
}
