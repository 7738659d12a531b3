import { restRoute, withETag, type RestRoute } from '@aeo/platform/http';
import { z } from 'zod';
import { callers } from '../callers.ts';
import { isOfAuthority } from '../../domain/operator/access.ts';
import type { World } from '../../domain/operator/decide.ts';
import { rulesFor, todayOf } from '../../domain/operator/decision.ts';
import { viewOf } from '../../domain/application/application-view.ts';
import { firmOf } from '../../domain/operator/firm-of.ts';
import { heldUnder, type Application, type Operator } from '../../domain/operator/operator.ts';
import { sizeClassOf, effortOf, questionsFor } from '@aeo/programmes';
import type { ListedApplication, Ports } from '../../ports.ts';
import { pageByIdPair } from '../id-pair-page.ts';
import { notFound } from '../refusals.ts';
import { fileAnswer, filesAnswer } from './answers.ts';
import { id, paging } from './fields.ts';
import { fileQuestionsAnswer } from './record-answers.ts';
import { getVisibleOperator } from './visible-operator.ts';

const files = '/v1/operators/{operatorId}/applications';
const file = `${files}/{applicationId}`;
const status = z.enum(['draft', 'submitted', 'granted', 'refused', 'withdrawn']).optional();
/** Files as they are now, what they will be asked, and the lists of them. */
export function fileReadingRoutes(ports: Ports): RestRoute[] {
  return [worklistRoute(ports), ownFilesRoute(ports), fileRoute(ports), questionsRoute(ports)];
}

function worklistRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: '/v1/applications',
    summary: 'Files of all firms, page by page',
    allow: callers.worklist,
    answer: filesAnswer,
    query: { ...paging, status, programmeId: id.optional() },
    handle: ({ query: { limit, cursor, ...filter } }) => page(ports, filter, { limit, cursor }),
  });
}

function ownFilesRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: files,
    summary: 'The files of a firm, page by page',
    allow: callers.seen,
    answer: filesAnswer,
    params: { operatorId: id },
    query: { ...paging, status, programmeId: id.optional() },
    handle: async ({ params: { operatorId }, query }, context) => {
      const { limit, cursor, ...filter } = query;
      await getVisibleOperator(ports, operatorId, context);
      return page(ports, { ...filter, operatorId }, { limit, cursor });
    },
  });
}

async function page(
  ports: Ports,
  filter: Parameters<Ports['listApplications']>[0],
  paged: { limit: number; cursor: string },
) {
  const { items, nextCursor = null } = await pageByIdPair(
    paged,
    ([operatorId, applicationId], limit) =>
      ports.listApplications(filter, { operatorId, applicationId }, limit),
    ({ operatorId, applicationId }) => [operatorId, applicationId],
  );
  return { items: items.map(summaryOf), nextCursor };
}

function summaryOf({ operatorId, applicationId, application }: ListedApplication) {
  const { programmeId, programmeVersion = null, status: present, tiers, renewal, revision } = application;
  const named = { operatorId, applicationId, programmeId, programmeVersion };
  return { ...named, status: present, tiers, renewal, revision };
}

function found(state: Operator, applicationId: string): Application {
  const application = heldUnder(state.applications, applicationId);
  if (application === undefined) throw notFound();
  return application;
}

function fileRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: file,
    summary: 'A file: where it stands, what is open and whose time runs',
    allow: callers.seen,
    params: { operatorId: id, applicationId: id },
    answer: fileAnswer,
    handle: async ({ params }, context) => {
      const { state, world } = await getVisibleOperator(ports, params.operatorId, context);
      const application = found(state, params.applicationId);
      const forAuthority = isOfAuthority(context.principal);
      const view = viewOf(params, application, state, { ...world, forAuthority });
      return withETag(view, String(application.revision));
    },
  });
}

function questionsRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: `${file}/questions`,
    summary: 'What the applicant is asked, with what is known already, and by what it can prove it',
    allow: callers.seen,
    params: { operatorId: id, applicationId: id },
    answer: fileQuestionsAnswer,
    handle: async ({ params: { operatorId, applicationId } }, context) => {
      const { state, world } = await getVisibleOperator(ports, operatorId, context);
      return asked(found(state, applicationId), state, world);
    },
  });
}

/** Facts said under another programme, or in an earlier file, are known and need no second answer. */
function asked(application: Application, state: Operator, world: World) {
  const programme =
    rulesFor(application, world) ?? world.programmes.inForce(application.programmeId, world.now);
  if (programme === undefined) throw notFound();
  const asOf = todayOf(programme, world);
  const firm = firmOf(state, programme, asOf, application);
  const { sizeClass } = sizeClassOf(programme, firm, world.evaluate);
  const { roles, tiers } = application;
  const list = questionsFor(
    ...([programme, { sizeClass, roles, tiers, facts: firm.facts, asOf }, world.evaluate] as const),
  );
  const questions = list.questions.map((each) => ({
    ...each,
    known: heldUnder(firm.facts, each.question.fact) ?? null,
  }));
  return { ...list, sizeClass, questions, effort: effortOf(list, programme, sizeClass) };
}
