import type { Rule, CertificateRoles } from '@aeo/platform/identity';
import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { Routes } from '@aeo/platform/http';
import { exchangeService } from '@aeo/proto';
import { decideHeldList } from './edge/grpc/decide-held-list.ts';
import { getArrangement } from './edge/grpc/get-arrangement.ts';
import { issueList } from './edge/grpc/issue-list.ts';
import { partnerRoutes } from './edge/rest/partner-routes.ts';
import { pullList } from './edge/grpc/pull-list.ts';
import type { Ports } from './ports.ts';

export type App = { services: GrpcService[]; routes: Routes };

/** Officers, and the clock that acts for them. Nobody else may make lists, take them in or decide on them. */
const allow: Rule = { certificates: ['officer'], roles: ['officer', 'seniorOfficer'] };

/** What the holders of certificates are. */
export const certificateRoles: CertificateRoles = { officer: ['officer'] };

/** Which handler answers which RPC and route. */
export function createApp(ports: Ports): App {
  const service = grpcService(exchangeService.ExchangeServiceService, {
    unary: {
      pullList: { allow, handle: pullList(ports) },
      issueList: { allow, handle: issueList(ports) },
      decideHeldList: { allow, handle: decideHeldList(ports) },
      getArrangement: { allow, handle: getArrangement(ports) },
    },
  });
  return { services: [service], routes: partnerRoutes(ports) };
}
