import type { UnaryHandler } from '@aeo/platform/grpc';
import { clearanceService, common } from '@aeo/proto';
import { sourceOf } from '../domain/decision/decide.ts';
import type { PartyMatch } from '../domain/status-view/match.ts';
import { freshnessOf, isEntitled, staleSources, type Knowledge } from '../knowledge.ts';
import type { Clock } from '../ports.ts';
import { demandVersion } from './min-version.ts';
import { dayProblem, isIdentifier, isKnown, patterns } from './declaration-rules.ts';
import { fieldProblems, invalid } from './field-problems.ts';

type Request = clearanceService.GetPriorityRequest;
type Response = clearanceService.GetPriorityResponse;

export type GetPriorityPorts = { knowledge: Knowledge; clock: Clock; statusAgeMaxMs: number };

const everyRole = Object.values(common.PartyRole).filter((role) => role > 0);

/** Says what a status is worth here and now, from memory; a bare yes only to a question that names its whole scope. */
export const getPriority =
  (ports: GetPriorityPorts): UnaryHandler<Request, Response> =>
  (request) =>
    Promise.resolve().then(() => answer(ports, request));

function answer({ knowledge, clock, statusAgeMaxMs }: GetPriorityPorts, request: Request): Response {
  const identifier = validIdentifier(request);
  demandVersion(knowledge, request.minVersion);
  const reading = clock.read();
  const at = new Date(reading?.nowMs ?? Date.now());
  const stale = staleSources(knowledge, reading, statusAgeMaxMs);
  const scope = { direction: request.direction, transportMode: request.transportMode };
  const roles = request.role === common.PartyRole.UNSPECIFIED ? everyRole : [request.role];
  const matches = roles.flatMap((role) => knowledge.view.match({ role, identifier }, scope, at));
  const entitled = matches.filter(isEntitled);
  const withheld = matches.some((match) => match.source !== '' && stale.has(sourceOf(match)));
  const usable = entitled.filter((match) => !stale.has(sourceOf(match)));
  return clearanceService.GetPriorityResponse.fromPartial({
    priority: usable.length > 0 && isFullyScoped(request),
    match: (entitled[0] ?? matches[0])?.outcome ?? common.MatchOutcome.NOT_ON_LIST,
    noBenefit: withheld ? [common.NoBenefitReason.STALE_STATUS] : [],
    entitlements: usable.flatMap(entitlementsOf),
    freshness: freshnessOf(knowledge),
  });
}

function entitlementsOf({ source, component, tier, credits }: PartyMatch): clearanceService.Entitlement[] {
  return credits.map(({ purpose, role, sharePermille }) =>
    clearanceService.Entitlement.fromPartial({ source, component, tier, purpose, role, sharePermille }),
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
