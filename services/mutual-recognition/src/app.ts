import type { Rule } from '@aeo/platform/callers';
import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { Routes } from '@aeo/platform/http';
import type { CertificateRoles } from '@aeo/platform/principal';
import { exchangeService } from '@aeo/proto';
import { decideHeldList } from './handlers/decide-held-list.ts';
import { getArrangement } from './handlers/get-arrangement.ts';
import { issueList } from './handlers/issue-list.ts';
import { partnerRoutes } from './handlers/partner-routes.ts';
import { pullList } from './handlers/pull-list.ts';
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
      pullList: pullList(ports),
      issueList: issueList(ports),
      decideHeldList: decideHeldList(ports),
      getArrangement: getArrangement(ports),
    },
    allow,
  });
  return { services: [service], routes: partnerRoutes(ports) };
}
