import { restRoute, type RestRoute } from '@aeo/platform/http';
import { registryService } from '@aeo/proto';
import { z } from 'zod';
import type { Handlers } from '../../app.ts';
import { callers } from '../callers.ts';
import { id, instant, paging, reason } from './fields.ts';

const service = registryService;
const operator = z.strictObject({
  operatorId: id,
  name: z.string().min(1).max(200),
  identifiers: z
    .array(
      z.strictObject({
        identifier: z.strictObject({ scheme: z.string(), country: z.string(), value: z.string() }),
        validity: z
          .strictObject({ validFrom: instant.optional(), validUntil: instant.optional() })
          .default({}),
      }),
    )
    .min(1)
    .max(50),
  sizeClass: z.enum(['SIZE_CLASS_SMALL', 'SIZE_CLASS_MEDIUM', 'SIZE_CLASS_LARGE']),
});

/** The same commands and questions as over gRPC, through the same handlers. */
export function statusCommandRoutes(handlers: Handlers): RestRoute[] {
  return [...operatorRoutes(handlers), ...applicationRoutes(handlers), ...certificateRoutes(handlers)];
}

function operatorRoutes(handlers: Handlers): RestRoute[] {
  return [
    restRoute({
      answer: { message: 'aeo.registry.v1.RegisterOperatorResponse' },
      method: 'post',
      path: '/v1/operators',
      summary: 'Registers an operator',
      status: 201,
      allow: callers.command,
      body: operator,
      handle: async ({ body }, context) => {
        const request = service.RegisterOperatorRequest.fromJSON(body);
        const answer = await handlers.registerOperator(request, context);
        return service.RegisterOperatorResponse.toJSON(answer);
      },
    }),
    restRoute({
      answer: { message: 'aeo.registry.v1.GetOperatorResponse' },
      method: 'get',
      path: '/v1/operators/{operatorId}',
      summary: 'The status of an operator',
      allow: callers.read,
      params: { operatorId: id },
      handle: async ({ params }, context) =>
        service.GetOperatorResponse.toJSON(await handlers.getOperator(params, context)),
    }),
  ];
}

function applicationRoutes(handlers: Handlers): RestRoute[] {
  return [
    restRoute({
      answer: { message: 'aeo.registry.v1.SubmitApplicationResponse' },
      method: 'post',
      path: '/v1/applications',
      summary: 'Submits an application',
      status: 201,
      allow: callers.command,
      body: z.strictObject({
        applicationId: id,
        operatorId: id,
        programmeId: id,
        tiers: z.array(id).max(50).default([]),
        roles: z.array(id).max(50).default([]),
        renewal: z.boolean().default(false),
      }),
      handle: async ({ body }, context) => {
        const answer = await handlers.submitApplication(body, context);
        return service.SubmitApplicationResponse.toJSON(answer);
      },
    }),
    restRoute({
      answer: { message: 'aeo.registry.v1.DecideApplicationResponse' },
      method: 'post',
      path: '/v1/applications/{applicationId}/decision',
      allow: callers.command,
      summary: 'Decides an application by its programme',
      params: { applicationId: id },
      body: z.strictObject({ operatorId: id }),
      handle: async ({ params, body }, context) => {
        const answer = await handlers.decideApplication({ ...params, ...body }, context);
        return service.DecideApplicationResponse.toJSON(answer);
      },
    }),
    restRoute({
      answer: { message: 'aeo.registry.v1.ApproveDecisionResponse' },
      method: 'post',
      path: '/v1/applications/{applicationId}/approval',
      allow: callers.command,
      summary: 'Approves, as a second person, the grant that was proposed',
      params: { applicationId: id },
      body: z.strictObject({ operatorId: id }),
      handle: async ({ params, body }, context) => {
        const answer = await handlers.approveDecision({ ...params, ...body }, context);
        return service.ApproveDecisionResponse.toJSON(answer);
      },
    }),
  ];
}

function certificateRoutes(handlers: Handlers): RestRoute[] {
  const change = z.strictObject({ operatorId: id, reason });
  return [
    restRoute({
      answer: { message: 'aeo.registry.v1.CertificateSummary', paged: true },
      method: 'get',
      path: '/v1/certificates',
      summary: 'The register of certificates, page by page',
      allow: callers.register,
      query: paging,
      handle: async ({ query }, context) => {
        const { items, nextCursor } = await handlers.listCertificates(query, context);
        return {
          items: items.map((item) => service.CertificateSummary.toJSON(item)),
          nextCursor: nextCursor === '' ? null : nextCursor,
        };
      },
    }),
    restRoute({
      answer: { message: 'aeo.registry.v1.SuspendCertificateResponse' },
      method: 'post',
      path: '/v1/certificates/{certificateId}/suspensions',
      allow: callers.command,
      summary: 'Suspends a certificate',
      params: { certificateId: id },
      body: change.extend({ effectiveFrom: instant.optional() }),
      handle: async ({ params, body }, context) => {
        const request = service.SuspendCertificateRequest.fromJSON({ ...params, ...body });
        const answer = await handlers.suspendCertificate(request, context);
        return service.SuspendCertificateResponse.toJSON(answer);
      },
    }),
    restRoute({
      answer: { message: 'aeo.registry.v1.ReinstateCertificateResponse' },
      method: 'post',
      path: '/v1/certificates/{certificateId}/reinstatements',
      allow: callers.command,
      summary: 'Ends a suspension',
      params: { certificateId: id },
      body: change,
      handle: async ({ params, body }, context) => {
        const answer = await handlers.reinstateCertificate({ ...params, ...body }, context);
        return service.ReinstateCertificateResponse.toJSON(answer);
      },
    }),
    restRoute({
      answer: { message: 'aeo.registry.v1.RevokeCertificateResponse' },
      method: 'post',
      path: '/v1/certificates/{certificateId}/revocations',
      allow: callers.command,
      summary: 'Revokes a certificate for good',
      params: { certificateId: id },
      body: change,
      handle: async ({ params, body }, context) => {
        const answer = await handlers.revokeCertificate({ ...params, ...body }, context);
        return service.RevokeCertificateResponse.toJSON(answer);
      },
    }),
  ];
}
