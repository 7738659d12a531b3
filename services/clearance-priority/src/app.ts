import { setTimeout as pause } from 'node:timers/promises';
import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { Rule, CertificateRoles } from '@aeo/platform/identity';
import type { BoundConsumer } from '@aeo/platform/kafka';
import type { RestRoute } from '@aeo/platform/http';
import type { Cache } from '@aeo/platform/redis';
import { clearanceService } from '@aeo/proto';
import { assess, spoolRequests, type AssessorPorts } from './application/deciding/assessor.ts';
import { decidedWithoutRecord, nothingKnown } from './application/deciding/decision-candidate.ts';
import { createBatcher } from './application/deciding/batcher.ts';
import { measuredBatcher } from './application/deciding/decision-metrics.ts';
import { assessOne, type AssessPorts } from './edge/grpc/assess.ts';
import { assessStream } from './edge/grpc/assess-stream.ts';
import { declarationLodged } from './edge/kafka/declaration-lodged.ts';
import { explainDecision } from './edge/grpc/explain-decision.ts';
import { getPriority } from './edge/grpc/get-priority.ts';
import { recordControl } from './edge/grpc/record-control.ts';
import type { Batcher, Mode, Request } from './ports.ts';
import { clearanceRoutes } from './edge/rest/routes.ts';
import { withDecisionCache } from './application/deciding/decision-cache.ts';

export type App = {
  services: GrpcService[];
  routes: RestRoute[];
  consumers: BoundConsumer[];
  batcher: Batcher;
};

const batchesAtOnce = 4;
// A late answer waits this long for the disk, within what is set apart for its way to the caller.
const spooledWithinMs = 50;

export type AppPorts = AssessorPorts & Pick<AssessPorts, 'onAnsweredWithoutRecord'>;

/** Border posts and officers. Traders, brokers and partners must not find out what would be inspected. */
const callers: Rule = {
  certificates: ['border-system', 'officer'],
  roles: ['borderSystem', 'officer', 'seniorOfficer'],
};

/** A stream outlives the tokens of people and systems, so only a certificate opens one. */
const streamCallers: Rule = { certificates: ['border-system', 'officer'] };

/** What the holders of certificates are. */
export const certificateRoles: CertificateRoles = {
  officer: ['officer'],
  'border-system': ['borderSystem'],
};

/** Which handler answers which RPC, route and topic. The cache, where there is one, answers retries. */
export function createApp(ports: AppPorts, cache: Cache | undefined): App {
  const { store, nodeState, clock, settings, onAnsweredWithoutRecord } = ports;
  const decide = (requests: Request[], mode: Mode) => assess(ports, requests, mode);
  const deciding = createBatcher(cache ? withDecisionCache(cache, decide) : decide, batchesAtOnce);
  const batcher = measuredBatcher(deciding);
  const withoutRecord = async (request: Request) => {
    await Promise.race([spoolRequests(ports, [request]), pause(spooledWithinMs)]);
    return decidedWithoutRecord(ports, request, nothingKnown);
  };
  const asking = { batcher, nodeState, store, withoutRecord, onAnsweredWithoutRecord };
  const freshness = { nodeState, clock, statusAgeMaxMs: settings.statusAgeMaxMs };
  const service = grpcService(clearanceService.ClearanceServiceService, {
    unary: {
      getPriority: { allow: callers, handle: getPriority(freshness) },
      assess: { allow: callers, handle: assessOne(asking) },
      recordControl: { allow: callers, handle: recordControl(store) },
      explainDecision: { allow: callers, handle: explainDecision(store) },
    },
    bidi: { assessStream: { allow: streamCallers, handle: assessStream(asking) } },
  });
  const routes = clearanceRoutes({ ...asking, ...freshness, store }, callers);
  return { services: [service], routes, consumers: [declarationLodged(batcher)], batcher };
}
