import { restRoute, type RestRoute } from '@aeo/platform/http';
import { z } from 'zod';
import { callers } from '../callers.ts';
import type { CertificateCommand } from '../../domain/operator/command.ts';
import type { Ports } from '../../ports.ts';
import { certificateAnswer } from './answers.ts';
import { executeOnCertificate, executeOnRecord } from './execute-command.ts';
import { id, instant, note, reason } from './fields.ts';
import { certificatesAnswer } from './record-answers.ts';

type Settings<Body extends z.ZodRawShape> = {
  path: string;
  summary: string;
  body: Body;
  command: (certificateId: string, body: z.output<z.ZodObject<Body>>) => CertificateCommand;
};

/** The commands on a certificate besides suspending, reinstating and revoking it. */
export function certificateRoutes(ports: Ports): RestRoute[] {
  const route = <Body extends z.ZodRawShape>({ path, summary, body, command }: Settings<Body>) =>
    restRoute({
      method: 'post',
      path: `/v1/certificates/{certificateId}/${path}`,
      summary,
      allow: callers.command,
      params: { certificateId: id },
      answer: certificateAnswer,
      body: z.strictObject({ operatorId: id, ...body }),
      handle: ({ params: { certificateId }, body: whole }, context) => {
        const { operatorId, ...fields } = whole as { operatorId: string } & z.output<z.ZodObject<Body>>;
        return executeOnCertificate(ports, operatorId, command(certificateId, fields as never), context);
      },
    });
  return [
    route({
      path: 'notices',
      summary: 'Notifies the holder of an intended measure',
      body: { act: z.enum(['suspend', 'revoke', 'downgrade']), reasonId: id, reason },
      command: (certificateId, body) => ({ type: 'GiveNotice', certificateId, ...body }),
    }),
    route({
      path: 'notices/withdrawal',
      summary: 'Withdraws a notice',
      body: { reason },
      command: (certificateId, body) => ({ type: 'WithdrawNotice', certificateId, ...body }),
    }),
    route({
      path: 'hearings',
      summary: 'Records the hearing of the holder',
      body: { note },
      command: (certificateId, body) => ({ type: 'HoldHearing', certificateId, ...body }),
    }),
    route({
      path: 'downgrades',
      summary: 'Downgrades a certificate to a lower tier',
      body: { tier: id, reason, reasonId: id.optional() },
      command: (certificateId, body) => ({ type: 'DowngradeCertificate', certificateId, ...body }),
    }),
    route({
      path: 'notifications',
      summary: 'Records when the holder was notified',
      body: { notifiedAt: instant.optional() },
      command: (certificateId, { notifiedAt = null }) => ({
        type: 'NotifyHolder',
        certificateId,
        notifiedAt,
      }),
    }),
    route({
      path: 'duties',
      summary: 'Records that a periodic duty was fulfilled',
      body: { form: id },
      command: (certificateId, body) => ({ type: 'FulfilDuty', certificateId, ...body }),
    }),
    failedCriterionRoute(ports),
  ];
}

function failedCriterionRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'post',
    path: '/v1/operators/{operatorId}/failed-criteria',
    summary: 'Suspends the components whose criteria are no longer met',
    allow: callers.command,
    params: { operatorId: id },
    answer: certificatesAnswer,
    body: z.strictObject({ programmeId: id, criterion: id, reason }),
    handle: ({ params: { operatorId }, body }, context) => {
      const command = { type: 'ReportFailedCriterion' as const, ...body };
      return executeOnRecord(ports, operatorId, command, context, ({ certificates }) => ({
        certificates: Object.values(certificates).filter((each) => each.programmeId === body.programmeId),
      }));
    },
  });
}
