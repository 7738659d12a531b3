import type { Rule } from '@aeo/platform/identity';
import { closedList, pageOf, restRoute, type RestRoute } from '@aeo/platform/http';
import { clearanceService, common } from '@aeo/proto';
import { z } from 'zod';
import { assessOne, type AssessPorts } from '../grpc/assess.ts';
import { explainDecision } from '../grpc/explain-decision.ts';
import { getBenefits } from './get-benefits.ts';
import { getPriority, type GetPriorityPorts } from '../grpc/get-priority.ts';
import { recordControl } from '../grpc/record-control.ts';
import type { DecisionStore } from '../../ports.ts';
import { bounds, patterns } from '../../application/declaration/declaration-rules.ts';
import { assessBody, controlBody, day, matching } from './schemas.ts';

const service = clearanceService;
const text = z.string().max(64);
const benefitCount = z.strictObject({
  key: z.string(),
  declarations: z.int(),
  inspected: z.int(),
  inspectedWithoutStatus: z.int(),
});

export type RestPorts = AssessPorts & GetPriorityPorts & { store: DecisionStore };

/** The same questions as over gRPC, through the same handlers, and what status came to, counted. */
export function clearanceRoutes(ports: RestPorts, allow: Rule): RestRoute[] {
  return [
    priorityRoute(ports, allow),
    ...assessRoutes(ports, allow),
    decisionRoute(ports, allow),
    benefitsRoute(ports, allow),
  ];
}

function priorityRoute(ports: RestPorts, allow: Rule): RestRoute {
  return restRoute({
    answer: { message: 'aeo.clearance.v1.GetPriorityResponse' },
    method: 'get',
    path: '/v1/priority/{scheme}/{country}/{value}',
    allow,
    summary:
      'What a status is worth; priority only where role, kind, direction, mode, office and date are given',
    params: { scheme: text, country: text, value: text },
    query: {
      role: closedList('PARTY_ROLE', common.PartyRole).optional(),
      kind: closedList('DECLARATION_KIND', common.DeclarationKind).optional(),
      direction: closedList('DIRECTION', common.Direction).optional(),
      transportMode: closedList('TRANSPORT_MODE', common.TransportMode).optional(),
      office: z.string().max(20).optional(),
      date: day.optional(),
      minVersion: z.string().max(400).optional(),
    },
    handle: async ({ params, query }, context) => {
      const request = service.GetPriorityRequest.fromJSON({ identifier: params, ...query });
      return service.GetPriorityResponse.toJSON(await getPriority(ports)(request, context));
    },
  });
}

function assessRoutes(ports: RestPorts, allow: Rule): RestRoute[] {
  return [
    restRoute({
      answer: { message: 'aeo.clearance.v1.AssessResponse' },
      method: 'post',
      path: '/v1/declarations/assess',
      allow,
      summary: 'Decides a declaration, or returns the recorded decision',
      body: assessBody,
      handle: async ({ body }, context) => {
        const request = service.AssessRequest.fromJSON(body);
        return service.AssessResponse.toJSON(await assessOne(ports)(request, context));
      },
    }),
    restRoute({
      answer: { message: 'aeo.clearance.v1.RecordControlResponse' },
      method: 'post',
      path: '/v1/controls',
      summary: 'Records the result of a control',
      status: 201,
      allow,
      body: controlBody,
      handle: async ({ body }, context) => {
        const request = service.RecordControlRequest.fromJSON(body);
        return service.RecordControlResponse.toJSON(await recordControl(ports.store)(request, context));
      },
    }),
  ];
}

function decisionRoute({ store }: RestPorts, allow: Rule): RestRoute {
  return restRoute({
    answer: { message: 'aeo.clearance.v1.ExplainDecisionResponse' },
    method: 'get',
    path: '/v1/decisions/{declarationId}',
    allow,
    summary: 'The record of a decision with its reasons in words, for officers',
    params: { declarationId: matching(patterns.declarationId) },
    query: {
      version: z.coerce
        .number()
        .default(0)
        .meta({ ...bounds.version, minimum: 0 }),
      revision: z.coerce.number().default(0).meta(bounds.revision),
    },
    handle: async ({ params, query }, context) => {
      const answer = await explainDecision(store)({ ...params, ...query }, context);
      return service.ExplainDecisionResponse.toJSON(answer);
    },
  });
}

function benefitsRoute({ store }: RestPorts, allow: Rule): RestRoute {
  return restRoute({
    answer: pageOf(benefitCount),
    method: 'get',
    path: '/v1/benefits',
    allow,
    summary: 'Final decisions by the status that counted: all, inspected, and inspected had none counted',
    query: {
      by: z.enum(['tier', 'size', 'arrangement', 'office']),
      from: day.optional(),
      until: day.optional(),
      limit: z.coerce.number().default(50).meta({ minimum: 1, maximum: 200 }),
      cursor: z.string().optional(),
    },
    handle: ({ query }) => getBenefits(store, query),
  });
}
