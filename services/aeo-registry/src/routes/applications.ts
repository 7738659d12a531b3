import { AppError } from '@aeo/platform/errors';
import { restRoute, type RestRoute } from '@aeo/platform/http';
import type { Principal } from '@aeo/platform/principal';
import { z } from 'zod';
import { callers } from '../callers.ts';
import { mayActAs } from '../domain/access.ts';
import type { World } from '../domain/decide.ts';
import { rulesFor } from '../domain/decision.ts';
import { heldUnder, type Operator } from '../domain/operator.ts';
import type { Ports } from '../ports.ts';
import { askOfFile } from './asked.ts';
import { factValue, facts, id, idList, note, reason } from './fields.ts';

const files = '/v1/operators/{operatorId}/applications';
const file = `${files}/{applicationId}`;
const ofFile = { operatorId: id, applicationId: id };
const applied = {
  ...{ tiers: idList.default([]), roles: idList.default([]), designatedFor: idList.default([]) },
  renewal: z.boolean().default(false),
};
const changed = {
  ...{ tiers: idList.optional(), roles: idList.optional(), designatedFor: idList.optional() },
  renewal: z.boolean().optional(),
};
const ifMatch = 'optional' as const;

/** What a firm, and those who examine it, do with a file: drafted, submitted, taken step by step, appealed. */
export function applicationRoutes(ports: Ports): RestRoute[] {
  return [...draftRoutes(ports), ...examinationRoutes(ports), ...reviewRoutes(ports)];
}

function draftRoutes(ports: Ports): RestRoute[] {
  return [
    restRoute({
      ...{ method: 'post', path: files, summary: 'Begins a file, as a draft', status: 201 },
      ...{ allow: callers.file, params: { operatorId: id } },
      body: z.strictObject({ applicationId: id, programmeId: id, ...applied }),
      handle: ({ params, body: { applicationId, programmeId, ...asked } }, context) => {
        const command = { type: 'StartDraft' as const, applicationId, programmeId, applied: asked };
        return askOfFile(ports, { ...params, applicationId }, command, context);
      },
    }),
    restRoute({
      ...{
        method: 'patch',
        path: file,
        summary: 'Keeps what a draft says so far; null takes an answer back',
      },
      ...{ allow: callers.file, params: ofFile, ifMatch: 'required' },
      body: z.strictObject({ ...changed, answers: facts(factValue.nullable()).default({}) }),
      handle: ({ params, body: { answers, ...asked } }, context) => {
        const said = answers as Record<string, z.output<typeof factValue> | null>;
        const command = { type: 'SaveDraft' as const, ...params, applied: given(asked), answers: said };
        return askOfFile(ports, params, command, context);
      },
    }),
    restRoute({
      ...{ method: 'post', path: `${file}/submission`, summary: 'Submits a draft' },
      ...{ allow: callers.file, params: ofFile, ifMatch },
      handle: ({ params }, context) =>
        askOfFile(ports, params, { type: 'SubmitApplication', ...params }, context),
    }),
    restRoute({
      ...{ method: 'post', path: `${file}/withdrawal`, summary: 'Withdraws a file' },
      ...{ allow: callers.file, params: ofFile, ifMatch },
      body: z.strictObject({ reason }),
      handle: ({ params, body }, context) =>
        askOfFile(ports, params, { type: 'WithdrawApplication', ...params, ...body }, context),
    }),
  ];
}

/** Fields that were given; what was not is left as it is. */
function given<Fields extends object>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}

function examinationRoutes(ports: Ports): RestRoute[] {
  return [
    restRoute({
      ...{ method: 'post', path: `${file}/steps`, summary: "Takes one of the programme's steps" },
      ...{ allow: callers.step, params: ofFile, ifMatch },
      body: z.strictObject({
        ...{ step: id, outcome: id, agency: id.optional(), favourable: z.boolean().optional() },
        note: note.optional(),
      }),
      handle: ({ params, body }, context) => {
        const command = { type: 'TakeStep' as const, ...params, ...body };
        return askOfFile(ports, params, command, context, (state, world) =>
          requireOwnStep(context.principal, { ...params, ...body }, state, world),
        );
      },
    }),
    restRoute({
      ...{ method: 'post', path: `${file}/extensions`, summary: 'Lengthens a clock, with the reason' },
      ...{ allow: callers.command, params: ofFile, ifMatch },
      body: z.strictObject({ clock: id, reason }),
      handle: ({ params, body }, context) =>
        askOfFile(ports, params, { type: 'ExtendClock', ...params, ...body }, context),
    }),
    restRoute({
      ...{ method: 'post', path: `${file}/rejection`, summary: 'Sends a proposed grant back' },
      ...{ allow: callers.command, params: ofFile, ifMatch },
      body: z.strictObject({ reason }),
      handle: ({ params, body }, context) =>
        askOfFile(ports, params, { type: 'RejectProposal', ...params, ...body }, context),
    }),
  ];
}

/** An unknown step is for the decision to refuse. @throws AppError `denied` NOT_ALLOWED for somebody else's step */
function requireOwnStep(
  principal: Principal,
  { applicationId, step: asked }: { applicationId: string; step: string },
  state: Operator,
  world: World,
): void {
  const application = heldUnder(state.applications, applicationId);
  const step = application && rulesFor(application, world)?.steps.find(({ id }) => id === asked);
  if (step === undefined || mayActAs(step.actor, principal)) return;
  const fields = [{ path: 'step', code: 'NOT_ALLOWED' }];
  throw new AppError('denied', 'NOT_ALLOWED', 'this step is for somebody else to take', { fields });
}

function reviewRoutes(ports: Ports): RestRoute[] {
  return [
    restRoute({
      ...{ method: 'post', path: `${file}/appeals`, summary: 'Appeals against a refusal' },
      ...{ allow: callers.file, params: ofFile, ifMatch },
      body: z.strictObject({ ground: note }),
      handle: ({ params, body }, context) =>
        askOfFile(ports, params, { type: 'OpenAppeal', ...params, ...body }, context),
    }),
    restRoute({
      ...{ method: 'post', path: `${file}/appeals/decision`, summary: 'Decides the appeal that is open' },
      ...{ allow: callers.review, params: ofFile, ifMatch },
      body: z.strictObject({ upheld: z.boolean(), note }),
      handle: ({ params, body }, context) =>
        askOfFile(ports, params, { type: 'DecideAppeal', ...params, ...body }, context),
    }),
  ];
}
