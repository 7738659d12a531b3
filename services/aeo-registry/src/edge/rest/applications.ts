import { restRoute, type RestRoute } from '@aeo/platform/http';
import { z } from 'zod';
import { callers } from '../callers.ts';
import type { Ports } from '../../ports.ts';
import { applicationAnswer, afterCommand } from './answers.ts';
import { executeOnApplication } from './execute-command.ts';
import { factValue, facts, id, idList, note, reason } from './fields.ts';

const applicationsPath = '/v1/operators/{operatorId}/applications';
const applicationPath = `${applicationsPath}/{applicationId}`;
const applicationParams = { operatorId: id, applicationId: id };
const applied = {
  tiers: idList.default([]),
  roles: idList.default([]),
  designatedFor: idList.default([]),
  renewal: z.boolean().default(false),
};
const changed = {
  tiers: idList.optional(),
  roles: idList.optional(),
  designatedFor: idList.optional(),
  renewal: z.boolean().optional(),
};
const ifMatch = 'optional' as const;
const answer = afterCommand(applicationAnswer).meta({ id: 'fileAfterCommand' });

/** The commands on an application: of the firm, of those who examine it, and on appeal. */
export function applicationRoutes(ports: Ports): RestRoute[] {
  return [...draftRoutes(ports), ...examinationRoutes(ports), ...reviewRoutes(ports)];
}

function draftRoutes(ports: Ports): RestRoute[] {
  return [
    restRoute({
      answer,
      method: 'post',
      path: applicationsPath,
      summary: 'Creates an application as a draft',
      status: 201,
      allow: callers.firm,
      params: { operatorId: id },
      body: z.strictObject({ applicationId: id, programmeId: id, ...applied }),
      handle: ({ params, body: { applicationId, programmeId, ...fields } }, context) => {
        const command = { type: 'StartDraft' as const, applicationId, programmeId, applied: fields };
        return executeOnApplication(ports, { ...params, applicationId }, command, context);
      },
    }),
    restRoute({
      answer,
      method: 'patch',
      path: applicationPath,
      summary: 'Saves the answers of a draft; null removes an answer',
      allow: callers.firm,
      params: applicationParams,
      ifMatch: 'required',
      body: z.strictObject({ ...changed, answers: facts(factValue.nullable()).default({}) }),
      handle: ({ params, body: { answers, ...fields } }, context) => {
        const command = {
          type: 'SaveDraft' as const,
          ...params,
          applied: definedFields(fields),
          answers: answers as Record<string, z.output<typeof factValue> | null>,
        };
        return executeOnApplication(ports, params, command, context);
      },
    }),
    restRoute({
      answer,
      method: 'post',
      path: `${applicationPath}/submission`,
      summary: 'Submits a draft',
      allow: callers.firm,
      params: applicationParams,
      ifMatch,
      handle: ({ params }, context) =>
        executeOnApplication(ports, params, { type: 'SubmitApplication', ...params }, context),
    }),
    restRoute({
      answer,
      method: 'post',
      path: `${applicationPath}/withdrawal`,
      summary: 'Withdraws an application',
      allow: callers.firm,
      params: applicationParams,
      ifMatch,
      body: z.strictObject({ reason }),
      handle: ({ params, body }, context) =>
        executeOnApplication(ports, params, { type: 'WithdrawApplication', ...params, ...body }, context),
    }),
  ];
}

/** The fields that are present; the others stay as they are. */
function definedFields<Fields extends object>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}

function examinationRoutes(ports: Ports): RestRoute[] {
  return [
    restRoute({
      answer,
      method: 'post',
      path: `${applicationPath}/steps`,
      summary: "Records one of the programme's steps",
      allow: callers.step,
      params: applicationParams,
      ifMatch,
      body: z.strictObject({
        step: id,
        outcome: id,
        agency: id.optional(),
        favourable: z.boolean().optional(),
        note: note.optional(),
      }),
      handle: ({ params, body }, context) => {
        const command = { type: 'TakeStep' as const, ...params, ...body };
        return executeOnApplication(ports, params, command, context);
      },
    }),
    restRoute({
      answer,
      method: 'post',
      path: `${applicationPath}/extensions`,
      summary: 'Extends a deadline, with the reason',
      allow: callers.command,
      params: applicationParams,
      ifMatch,
      body: z.strictObject({ clock: id, reason }),
      handle: ({ params, body }, context) =>
        executeOnApplication(ports, params, { type: 'ExtendClock', ...params, ...body }, context),
    }),
    restRoute({
      answer,
      method: 'post',
      path: `${applicationPath}/rejection`,
      summary: 'Sends a proposed grant back',
      allow: callers.command,
      params: applicationParams,
      ifMatch,
      body: z.strictObject({ reason }),
      handle: ({ params, body }, context) =>
        executeOnApplication(ports, params, { type: 'RejectProposal', ...params, ...body }, context),
    }),
  ];
}

function reviewRoutes(ports: Ports): RestRoute[] {
  return [
    restRoute({
      answer,
      method: 'post',
      path: `${applicationPath}/appeals`,
      summary: 'Appeals against a refusal',
      allow: callers.firm,
      params: applicationParams,
      ifMatch,
      body: z.strictObject({ ground: note }),
      handle: ({ params, body }, context) =>
        executeOnApplication(ports, params, { type: 'OpenAppeal', ...params, ...body }, context),
    }),
    restRoute({
      answer,
      method: 'post',
      path: `${applicationPath}/appeals/decision`,
      summary: 'Decides the appeal that is open',
      allow: callers.review,
      params: applicationParams,
      ifMatch,
      body: z.strictObject({ upheld: z.boolean(), note }),
      handle: ({ params, body }, context) =>
        executeOnApplication(ports, params, { type: 'DecideAppeal', ...params, ...body }, context),
    }),
  ];
}
