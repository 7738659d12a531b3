import { setTimeout as pause } from 'node:timers/promises';
import { allowedStream } from '@aeo/platform/allowed';
import type { Rule } from '@aeo/platform/callers';
import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { BoundConsumer } from '@aeo/platform/kafka';
import type { RestRoute } from '@aeo/platform/http';
import type { CertificateRoles } from '@aeo/platform/principal';
import type { Cache } from '@aeo/platform/redis';
import { clearanceService } from '@aeo/proto';
import { assess, keepForLater, type AssessorPorts, type Mode } from './assessor.ts';
import { decidedWithoutRecord, nothingKnown } from './candidate.ts';
import { createBatcher, type Batcher } from './batcher.ts';
import { measuredBatcher } from './decision-metrics.ts';
import { assessOne, type AssessPorts } from './handlers/assess.ts';
import { assessStream } from './handlers/assess-stream.ts';
import { declarationLodged } from './handlers/declaration-lodged.ts';
import { explainDecision } from './handlers/explain-decision.ts';
import { getPriority } from './handlers/get-priority.ts';
import { recordControl } from './handlers/record-control.ts';
import type { Request } from './ports.ts';
import { clearanceRoutes } from './rest-routes.ts';
import { withShortCut } from './short-cut.ts';

export type App = {
  services: GrpcService[];
  routes: RestRoute[];
  consumers: BoundConsumer[];
  batcher: Batcher;
};

const batchesAtOnce = 4;
// A late answer waits this long for the disk, within what is set apart for its way to the caller.
const keptWithinMs = 50;

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
  const { store, knowledge, clock, settings, onAnsweredWithoutRecord } = ports;
  const decide = (requests: Request[], mode: Mode) => assess(ports, requests, mode);
  const deciding = createBatcher(cache ? withShortCut(cache, decide) : decide, batchesAtOnce);
  const batcher = measuredBatcher(deciding);
  const withoutRecord = async (request: Request) => {
    await Promise.race([keepForLater(ports, [request]), pause(keptWithinMs)]);
    return decidedWithoutRecord(ports, request, nothingKnown);
  };
  const asking = { batcher, knowledge, store, withoutRecord, onAnsweredWithoutRecord };
  const freshness = { knowledge, clock, statusAgeMaxMs: settings.statusAgeMaxMs };
  const service = grpcService(clearanceService.ClearanceServiceService, {
    unary: {
      getPriority: getPriority(freshness),
      assess: assessOne(asking),
      recordControl: recordControl(store),
      explainDecision: explainDecision(store),
    },
    bidi: { assessStream: allowedStream(streamCallers, assessStream(asking)) },
    allow: callers,
  });
  const routes = clearanceRoutes({ ...asking, ...freshness, store }, callers);
  return { services: [service], routes, consumers: [declarationLodged(batcher)], batcher };
}
