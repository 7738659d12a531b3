import { restRoute, type RestRoute } from '@aeo/platform/http';
import type { CallContext } from '@aeo/platform/grpc';
import { common, registryService } from '@aeo/proto';
import { z } from 'zod';
import type { Command } from '../../domain/operator/command.ts';
import type { Ports } from '../../ports.ts';
import { callerOf, idempotencyKeyOf } from '../caller.ts';
import { callers } from '../callers.ts';
import { certificatePage } from '../certificate-register.ts';
import { operatorStatus } from '../operator-status.ts';
import { checked } from '../refusals.ts';
import {
  reinstateCertificate,
  revokeCertificate,
  decisionOn,
  registerOperator,
  submitApplication,
  suspendCertificate,
} from '../shared-commands.ts';
import { handleStatusCommand, type StatusCommand } from '../status-commands.ts';
import { id, idList, instant, paging, reason } from './fields.ts';

const { CertificateSummary, GetOperatorResponse, RegistryCommand, RegistryCommandResult } = registryService;

/** The commands and questions of the gRPC contract, over REST. */
export function statusCommandRoutes(ports: Ports): RestRoute[] {
  return [...operatorRoutes(ports), ...applicationRoutes(ports), ...certificateRoutes(ports)];
}

/** A command's request of the gRPC contract in protobuf's JSON, as it came over REST. */
type JsonRequest = { operatorId: string } & Record<string, unknown>;

/** Handles a command and answers with the response of its RPC in protobuf's JSON. */
async function execute(
  ports: Ports,
  { $case, command, request }: Pick<StatusCommand, '$case' | 'command'> & { request: JsonRequest },
  context: CallContext,
): Promise<unknown> {
  const key = idempotencyKeyOf(context);
  const caller = callerOf(context);
  const message = () => RegistryCommand.fromJSON({ [$case]: request }).command!;
  const statusCommand = { $case, command, key, actor: caller.actor, message };
  const result = await handleStatusCommand(ports, request.operatorId, statusCommand, caller);
  return (RegistryCommandResult.toJSON({ result }) as Record<string, unknown>)[$case];
}

const registration = z.strictObject({
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

function operatorRoutes(ports: Ports): RestRoute[] {
  return [
    restRoute({
      answer: { message: 'aeo.registry.v1.RegisterOperatorResponse' },
      method: 'post',
      path: '/v1/operators',
      summary: 'Registers an operator',
      status: 201,
      allow: callers.command,
      body: registration,
      handle: ({ body }, context) => {
        const command = readRegistration(body);
        return execute(ports, { $case: 'registerOperator', command, request: body }, context);
      },
    }),
    restRoute({
      answer: { message: 'aeo.registry.v1.GetOperatorResponse' },
      method: 'get',
      path: '/v1/operators/{operatorId}',
      summary: 'The status of an operator',
      allow: callers.read,
      params: { operatorId: id },
      handle: async ({ params }) =>
        GetOperatorResponse.toJSON(await operatorStatus(ports, params.operatorId)),
    }),
  ];
}

function readRegistration({ name, identifiers, sizeClass }: z.output<typeof registration>): Command {
  const dated = identifiers.map(({ identifier, validity: { validFrom, validUntil } }) => ({
    identifier,
    validity: { validFrom: dateOf(validFrom), validUntil: dateOf(validUntil) },
  }));
  const size = common.sizeClassFromJSON(sizeClass);
  return checked((check) => registerOperator({ name, identifiers: dated, sizeClass: size }, check));
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

function applicationRoutes(ports: Ports): RestRoute[] {
  const decision = {
    method: 'post' as const,
    allow: callers.command,
    params: { applicationId: id },
    body: z.strictObject({ operatorId: id }),
  };
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
        tiers: idList.default([]),
        roles: idList.default([]),
        renewal: z.boolean().default(false),
      }),
      handle: ({ body }, context) => {
        const command = submitApplication(body);
        return execute(ports, { $case: 'submitApplication', command, request: body }, context);
      },
    }),
    restRoute({
      ...decision,
      answer: { message: 'aeo.registry.v1.DecideApplicationResponse' },
      path: '/v1/applications/{applicationId}/decision',
      summary: 'Decides an application by its programme',
      handle: ({ params, body }, context) => {
        const request = { ...params, ...body };
        const command = decisionOn('DecideApplication', request);
        return execute(ports, { $case: 'decideApplication', command, request }, context);
      },
    }),
    restRoute({
      ...decision,
      answer: { message: 'aeo.registry.v1.ApproveDecisionResponse' },
      path: '/v1/applications/{applicationId}/approval',
      summary: 'Approves, as a second person, the grant that was proposed',
      handle: ({ params, body }, context) => {
        const request = { ...params, ...body };
        const command = decisionOn('ApproveDecision', request);
        return execute(ports, { $case: 'approveDecision', command, request }, context);
      },
    }),
  ];
}

function certificateRoutes(ports: Ports): RestRoute[] {
  const body = z.strictObject({ operatorId: id, reason });
  const change = { method: 'post' as const, allow: callers.command, params: { certificateId: id } };
  return [
    restRoute({
      answer: { message: 'aeo.registry.v1.CertificateSummary', paged: true },
      method: 'get',
      path: '/v1/certificates',
      summary: 'The register of certificates, page by page',
      allow: callers.register,
      query: paging,
      handle: async ({ query }) => {
        const { items, nextCursor = null } = await certificatePage(ports, query);
        return { items: items.map((item) => CertificateSummary.toJSON(item)), nextCursor };
      },
    }),
    restRoute({
      ...change,
      answer: { message: 'aeo.registry.v1.SuspendCertificateResponse' },
      path: '/v1/certificates/{certificateId}/suspensions',
      summary: 'Suspends a certificate',
      body: body.extend({ effectiveFrom: instant.optional(), reasonId: id.optional() }),
      handle: ({ params, body: given }, context) => {
        const request = { ...params, ...given };
        const command = suspendCertificate(request, given.effectiveFrom ?? null);
        return execute(ports, { $case: 'suspendCertificate', command, request }, context);
      },
    }),
    restRoute({
      ...change,
      body,
      answer: { message: 'aeo.registry.v1.ReinstateCertificateResponse' },
      path: '/v1/certificates/{certificateId}/reinstatements',
      summary: 'Ends a suspension',
      handle: ({ params, body: given }, context) => {
        const request = { ...params, ...given };
        const command = reinstateCertificate(request);
        return execute(ports, { $case: 'reinstateCertificate', command, request }, context);
      },
    }),
    restRoute({
      ...change,
      body: body.extend({ reasonId: id.optional() }),
      answer: { message: 'aeo.registry.v1.RevokeCertificateResponse' },
      path: '/v1/certificates/{certificateId}/revocations',
      summary: 'Revokes a certificate for good',
      handle: ({ params, body: given }, context) => {
        const request = { ...params, ...given };
        const command = revokeCertificate(request);
        return execute(ports, { $case: 'revokeCertificate', command, request }, context);
      },
    }),
  ];
}
