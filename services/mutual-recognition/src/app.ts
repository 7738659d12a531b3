import type { Rule, CertificateRoles } from '@aeo/platform/identity';
import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { Routes } from '@aeo/platform/http';
import { exchangeService } from '@aeo/proto';
import { publishOwed } from './application/publication/publish-owed.ts';
import { receiveList } from './application/receiving/receive-list.ts';
import { decideHeldList } from './edge/grpc/decide-held-list.ts';
import { getArrangement } from './edge/grpc/get-arrangement.ts';
import { issueList } from './edge/grpc/issue-list.ts';
import { partnerRoutes } from './edge/rest/partner-routes.ts';
import { pullList } from './edge/grpc/pull-list.ts';
import type { Ports } from './ports.ts';

export type App = { services: GrpcService[]; routes: Routes };

/** Officers, and the clock that acts for them. No other caller may issue lists, pull them or decide on them. */
const allow: Rule = { certificates: ['officer'], roles: ['officer', 'seniorOfficer'] };

/** The roles that a certificate gives its holder. */
export const certificateRoles: CertificateRoles = { officer: ['officer'] };

/** Which handler answers which RPC and route. */
export function createApp(ports: Ports): App {
  const service = grpcService(exchangeService.ExchangeServiceService, {
    unary: {
      pullList: {
        allow,
        handle: pullList({
          ...ports,
          receive: (list, actor) => receiveList(ports, list, actor),
          publishOwed: () => publishOwed(ports),
        }),
      },
      issueList: { allow, handle: issueList(ports) },
      decideHeldList: { allow, handle: decideHeldList(ports) },
      getArrangement: { allow, handle: getArrangement(ports) },
    },
  });
  return { services: [service], routes: partnerRoutes(ports) };
}
