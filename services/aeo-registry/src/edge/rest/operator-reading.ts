import { pageOf, restRoute, type RestRoute } from '@aeo/platform/http';
import { z } from 'zod';
import { programmeSchema } from '@aeo/programmes/files';
import { callers } from '../callers.ts';
import { isOfAuthority } from '../../domain/operator/access.ts';
import { historyOf } from '../../domain/operator/history.ts';
import type { Operator } from '../../domain/operator/operator.ts';
import { dayIn, effortOf, questionsFor, type ProgrammeDefinition } from '@aeo/programmes';
import type { Ports } from '../../ports.ts';
import { notFound } from '../refusals.ts';
import { historyAnswer } from './answers.ts';
import { day, id, instant } from './fields.ts';
import { questionsAnswer, recordAnswer, titleAnswer } from './record-answers.ts';
import { withCheckResult } from './records.ts';
import { getVisibleOperator } from './visible-operator.ts';

/** The record of a firm, the history of its certificates, and the programmes. */
export function readingRoutes(ports: Ports): RestRoute[] {
  return [recordRoute(ports), historyRoute(ports), ...programmeRoutes(ports)];
}

function recordRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: '/v1/operators/{operatorId}/record',
    summary: 'The record of an operator, without its applications',
    allow: callers.viewOperator,
    params: { operatorId: id },
    answer: recordAnswer,
    handle: async ({ params: { operatorId } }, context) => {
      const { state } = await getVisibleOperator(ports, operatorId, context);
      const { profile } = state;
      const identifiers = profile.identifiers.map((claim) => withCheckResult(claim, ports));
      return { operatorId, ...recordOf(state), profile: { ...profile, identifiers } };
    },
  });
}

function recordOf(state: Operator) {
  const { profile, facts, statements, evidence, consents, particulars, delegations, certificates } = state;
  return { profile, facts, statements, evidence, consents, particulars, delegations, certificates };
}

function historyRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: '/v1/certificates/{certificateId}/history',
    summary: 'A certificate as of one instant, as it was known at another, and what happened to it',
    allow: callers.viewOperator,
    params: { certificateId: id },
    answer: historyAnswer,
    query: { asOf: instant.optional(), knownAt: instant.optional() },
    handle: async ({ params: { certificateId }, query }, context) => {
      const operatorId = await ports.holderOf(certificateId);
      if (operatorId === undefined) throw notFound();
      const { decisionContext } = await getVisibleOperator(ports, operatorId, context);
      const { asOf = decisionContext.now, knownAt = decisionContext.now } = query;
      const recorded = await ports.recordedOf(operatorId, knownAt);
      const { certificate = null, entries } = historyOf(recorded, certificateId, asOf);
      const named = { certificateId, operatorId, asOf, knownAt, certificate };
      const isNamed = isOfAuthority(context.principal);
      return { ...named, entries: entries.map((entry) => (isNamed ? entry : { ...entry, by: '' })) };
    },
  });
}

function programmeRoutes(ports: Ports): RestRoute[] {
  const { register: allow } = callers;
  return [
    restRoute({
      method: 'get',
      path: '/v1/programmes',
      summary: 'The programmes and their versions',
      allow,
      answer: pageOf(titleAnswer),
      handle: () => Promise.resolve({ items: ports.rules.programmes.all.map(titleOf), nextCursor: null }),
    }),
    restRoute({
      method: 'get',
      path: '/v1/programmes/{programmeId}/versions/{version}',
      allow,
      summary: 'A version of a programme, complete',
      answer: programmeSchema,
      params: { programmeId: id, version: z.coerce.number().int().min(1) },
      handle: ({ params: { programmeId, version } }) => {
        const definition = ports.rules.programmes.version(programmeId, version);
        return definition === undefined ? Promise.reject(notFound()) : Promise.resolve(definition);
      },
    }),
    restRoute({
      method: 'get',
      path: '/v1/programmes/{programmeId}/questions',
      allow,
      summary: 'Questions for a firm of a size class, before it has an application',
      params: { programmeId: id },
      answer: questionsAnswer,
      query: { size: id.optional(), tier: id.optional(), role: id.optional(), asOf: day.optional() },
      handle: async ({ params: { programmeId }, query: { size = '', tier, role, asOf } }) => {
        const now = await ports.databaseNow();
        const programme = ports.rules.programmes.inForce(programmeId, asOf ?? now.toISOString());
        if (programme === undefined) throw notFound('programmeId');
        const today = asOf ?? dayIn(now, programme.timeZone);
        requireKnown(programme, { size, tier, role });
        const applied = { sizeClass: size, tiers: listOf(tier), roles: listOf(role), facts: {}, asOf: today };
        const list = questionsFor(programme, applied, ports.rules.evaluate);
        return { ...titleOf(programme), ...list, effort: effortOf(list, programme, size) };
      },
    }),
  ];
}

const listOf = (value: string | undefined) => (value === undefined ? [] : [value]);

function titleOf({ id: programmeId, version, name, effectiveFrom, effectiveTo }: ProgrammeDefinition) {
  return { programmeId, version, name, effectiveFrom, effectiveTo };
}

/** @throws AppError `not_found` NOT_FOUND with the path of what the programme does not have */
function requireKnown(
  { sizeClasses, tiers, roles }: ProgrammeDefinition,
  { size, tier, role }: { size: string; tier: string | undefined; role: string | undefined },
): void {
  const has = (list: readonly { id: string }[], given: string | undefined) =>
    given === undefined || given === '' || list.some((each) => each.id === given);
  if (!has(sizeClasses, size)) throw notFound('size');
  if (!has(tiers, tier)) throw notFound('tier');
  if (!has(roles, role)) throw notFound('role');
}
