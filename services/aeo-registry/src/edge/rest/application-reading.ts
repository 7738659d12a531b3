import { restRoute, withETag, type RestRoute } from '@aeo/platform/http';
import { z } from 'zod';
import { callers } from '../callers.ts';
import { isOfAuthority } from '../../domain/operator/access.ts';
import type { DecisionContext } from '../../domain/operator/decide.ts';
import { programmeVersionFor, todayOf } from '../../domain/operator/decision.ts';
import { viewOf } from '../../domain/application/application-view.ts';
import { firmCaseOf } from '../../domain/operator/firm-case.ts';
import { lookUp, type Application, type Operator } from '../../domain/operator/operator.ts';
import { sizeClassOf, effortOf, questionsFor } from '@aeo/programmes';
import type { ListedApplication, Ports } from '../../ports.ts';
import { pageByIdPair } from '../id-pair-page.ts';
import { notFound } from '../refusals.ts';
import { applicationAnswer, applicationsAnswer } from './answers.ts';
import { id, paging } from './fields.ts';
import { applicationQuestionsAnswer } from './record-answers.ts';
import { getVisibleOperator } from './visible-operator.ts';

const applicationsPath = '/v1/operators/{operatorId}/applications';
const applicationPath = `${applicationsPath}/{applicationId}`;
const status = z.enum(['draft', 'submitted', 'granted', 'refused', 'withdrawn']).optional();

/** Applications as they are now, their questions, and the lists of applications. */
export function applicationReadingRoutes(ports: Ports): RestRoute[] {
  return [
    worklistRoute(ports),
    operatorApplicationsRoute(ports),
    applicationRoute(ports),
    questionsRoute(ports),
  ];
}

function worklistRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: '/v1/applications',
    summary: 'Applications of all operators, page by page',
    allow: callers.worklist,
    answer: applicationsAnswer,
    query: { ...paging, status, programmeId: id.optional() },
    handle: ({ query: { limit, cursor, ...filter } }) => page(ports, filter, { limit, cursor }),
  });
}

function operatorApplicationsRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: applicationsPath,
    summary: 'The applications of an operator, page by page',
    allow: callers.viewOperator,
    answer: applicationsAnswer,
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

function getApplication(state: Operator, applicationId: string): Application {
  const application = lookUp(state.applications, applicationId);
  if (application === undefined) throw notFound();
  return application;
}

function applicationRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: applicationPath,
    summary: 'An application: its status, its open steps and whose deadline runs',
    allow: callers.viewOperator,
    params: { operatorId: id, applicationId: id },
    answer: applicationAnswer,
    handle: async ({ params }, context) => {
      const { state, decisionContext } = await getVisibleOperator(ports, params.operatorId, context);
      const application = getApplication(state, params.applicationId);
      const forAuthority = isOfAuthority(context.principal);
      const view = viewOf(params, application, state, { ...decisionContext, forAuthority });
      return withETag(view, String(application.revision));
    },
  });
}

function questionsRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: `${applicationPath}/questions`,
    summary: 'Questions for the applicant, the answers known already, and the evidence accepted for each',
    allow: callers.viewOperator,
    params: { operatorId: id, applicationId: id },
    answer: applicationQuestionsAnswer,
    handle: async ({ params: { operatorId, applicationId } }, context) => {
      const { state, decisionContext } = await getVisibleOperator(ports, operatorId, context);
      return questionsOf(getApplication(state, applicationId), state, decisionContext);
    },
  });
}

/** Facts stated under another programme, or in an earlier application, are known and need no second answer. */
function questionsOf(application: Application, state: Operator, decisionContext: DecisionContext) {
  const programme =
    programmeVersionFor(application, decisionContext) ??
    decisionContext.programmes.inForce(application.programmeId, decisionContext.now);
  if (programme === undefined) throw notFound();
  const asOf = todayOf(programme, decisionContext);
  const firm = firmCaseOf(state, programme, asOf, application);
  const { sizeClass } = sizeClassOf(programme, firm, decisionContext.evaluate);
  const { roles, tiers } = application;
  const applied = { sizeClass, roles, tiers, facts: firm.facts, asOf };
  const list = questionsFor(programme, applied, decisionContext.evaluate);
  const questions = list.questions.map((each) => ({
    ...each,
    known: lookUp(firm.facts, each.question.fact) ?? null,
  }));
  return { ...list, sizeClass, questions, effort: effortOf(list, programme, sizeClass) };
}
