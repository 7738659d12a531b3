import { isIdentifier, isKnown } from '@aeo/platform/field-formats';
import { fieldProblems, invalid } from '@aeo/platform/field-problems';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { clearanceService, common } from '@aeo/proto';
import { sourceOf } from '../../domain/decision/decide.ts';
import {
  entitlementsIn,
  instantsFor,
  matchThroughout,
  rolesOf,
  scopesOf,
  mostSpecificOutcome,
  type Entitlement,
} from '../../domain/status-view/entitlement.ts';
import {
  freshnessOf,
  isEntitled,
  staleSources,
  type NodeState,
} from '../../application/status-view/node-state.ts';
import type { Clock } from '../../ports.ts';
import { demandVersion } from '../min-version.ts';
import { dayProblem, patterns } from '../../application/declaration/declaration-rules.ts';

type Request = clearanceService.GetPriorityRequest;
type Response = clearanceService.GetPriorityResponse;

export type GetPriorityPorts = { nodeState: NodeState; clock: Clock; statusAgeMaxMs: number };

/**
 * Says what a status is worth, from memory: here and now, or on the day named. A bare yes only to a question that names
 * its whole scope; any other gets the scopes in which the status counts.
 */
export const getPriority =
  (ports: GetPriorityPorts): UnaryHandler<Request, Response> =>
  (request) =>
    Promise.resolve().then(() => answer(ports, request));

function answer({ nodeState, clock, statusAgeMaxMs }: GetPriorityPorts, request: Request): Response {
  const identifier = validIdentifier(request);
  demandVersion(nodeState, request.minVersion);
  const reading = clock.read();
  const instants = instantsFor(request.date, new Date(reading?.nowMs ?? Date.now()));
  const stale = staleSources(nodeState, reading, statusAgeMaxMs);
  const found = scopesOf(request).flatMap((scope) =>
    rolesOf(request.role)
      .flatMap((role) =>
        matchThroughout((at) => nodeState.view.match({ role, identifier }, scope, at), instants),
      )
      .map((match) => ({ match, scope })),
  );
  const matches = found.map(({ match }) => match);
  const withheld = matches.some((match) => match.source !== '' && stale.has(sourceOf(match)));
  const usable = found.filter(({ match }) => isEntitled(match) && !stale.has(sourceOf(match)));
  return clearanceService.GetPriorityResponse.fromPartial({
    priority: usable.length > 0 && isFullyScoped(request),
    match: matches.find(isEntitled)?.outcome ?? mostSpecificOutcome(matches),
    noBenefit: withheld ? [common.NoBenefitReason.STALE_STATUS] : [],
    entitlements: entitlementsIn(usable).flatMap(messagesOf),
    freshness: freshnessOf(nodeState),
  });
}

function messagesOf({ match, direction, transportModes }: Entitlement): clearanceService.Entitlement[] {
  const { source, component, tier, credits, validity } = match;
  return credits.map(({ purpose, role, sharePermille }) =>
    clearanceService.Entitlement.fromPartial({
      source,
      component,
      tier,
      purpose,
      role,
      sharePermille,
      direction,
      transportModes,
      ...(validity ? { validity } : {}),
    }),
  );
}

function isFullyScoped({ role, kind, direction, transportMode, office, date }: Request): boolean {
  return role > 0 && kind > 0 && direction > 0 && transportMode > 0 && office !== '' && date !== '';
}

/** @throws AppError `invalid` with the fields that cannot be used */
function validIdentifier(request: Request): common.Identifier {
  const { identifier, role, kind, direction, transportMode, office, date } = request;
  const { check, refuseAny } = fieldProblems();
  const known = (list: Record<string, number>, value: number, path: string) =>
    check(value === 0 || isKnown(list, value), path, 'FIELD_UNKNOWN_VALUE');
  check(identifier !== undefined, 'identifier', 'FIELD_REQUIRED');
  check(identifier === undefined || isIdentifier(identifier), 'identifier', 'IDENTIFIER_FORMAT');
  known(common.PartyRole, role, 'role');
  known(common.DeclarationKind, kind, 'kind');
  known(common.Direction, direction, 'direction');
  known(common.TransportMode, transportMode, 'transportMode');
  check(office === '' || patterns.office.test(office), 'office', 'FIELD_FORMAT');
  const wrongDay = date === '' ? undefined : dayProblem(date);
  check(wrongDay === undefined, 'date', wrongDay ?? '');
  refuseAny();
  if (identifier === undefined) throw invalid([{ path: 'identifier', code: 'FIELD_REQUIRED' }]);
  return identifier;
}
