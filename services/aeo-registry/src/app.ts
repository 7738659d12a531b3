import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { RestRoute, UploadRoute } from '@aeo/platform/http';
import type { BoundConsumer } from '@aeo/platform/kafka';
import { registryService } from '@aeo/proto';
import { callers } from './edge/callers.ts';
import { controlRecorded } from './edge/kafka/control-recorded.ts';
import { executeBatch } from './edge/grpc/execute-batch.ts';
import { getOperator } from './edge/grpc/get-operator.ts';
import { listCertificates } from './edge/grpc/list-certificates.ts';
import { singleCommand } from './edge/grpc/single-command.ts';
import type { Ports } from './ports.ts';
import { applicationRoutes } from './edge/rest/applications.ts';
import { certificateRoutes } from './edge/rest/certificates.ts';
import { evidenceDownload, evidenceUpload } from './edge/rest/evidence.ts';
import { applicationReadingRoutes } from './edge/rest/application-reading.ts';
import { readingRoutes } from './edge/rest/operator-reading.ts';
import { recordRoutes } from './edge/rest/records.ts';
import { reviewsRoute } from './edge/rest/reviews.ts';
import { statusCommandRoutes } from './edge/rest/status-commands.ts';

export type App = {
  services: GrpcService[];
  routes: RestRoute[];
  uploads: UploadRoute[];
  consumers: BoundConsumer[];
};

/** The RPCs, each with the rule that says who may call it; routes have rules of their own. */
function methodsOf(ports: Ports) {
  const { command, read, register } = callers;
  return {
    registerOperator: { allow: command, handle: singleCommand(ports, 'registerOperator') },
    recordComplianceFacts: { allow: command, handle: singleCommand(ports, 'recordComplianceFacts') },
    submitApplication: { allow: command, handle: singleCommand(ports, 'submitApplication') },
    decideApplication: { allow: command, handle: singleCommand(ports, 'decideApplication') },
    approveDecision: { allow: command, handle: singleCommand(ports, 'approveDecision') },
    recordFacts: { allow: command, handle: singleCommand(ports, 'recordFacts') },
    recordEvidence: { allow: command, handle: singleCommand(ports, 'recordEvidence') },
    recordPerson: { allow: command, handle: singleCommand(ports, 'recordPerson') },
    takeStep: { allow: command, handle: singleCommand(ports, 'takeStep') },
    suspendCertificate: { allow: command, handle: singleCommand(ports, 'suspendCertificate') },
    reinstateCertificate: { allow: command, handle: singleCommand(ports, 'reinstateCertificate') },
    revokeCertificate: { allow: command, handle: singleCommand(ports, 'revokeCertificate') },
    executeBatch: { allow: command, handle: executeBatch(ports) },
    getOperator: { allow: read, handle: getOperator(ports) },
    listCertificates: { allow: register, handle: listCertificates(ports) },
  };
}

/** Which handler answers which RPC, route and topic. */
export function createApp(ports: Ports): App {
  const service = grpcService(registryService.RegistryServiceService, { unary: methodsOf(ports) });
  const routes = [
    statusCommandRoutes(ports),
    applicationRoutes(ports),
    applicationReadingRoutes(ports),
    certificateRoutes(ports),
    recordRoutes(ports),
    readingRoutes(ports),
    [evidenceDownload(ports), reviewsRoute(ports)],
  ].flat();
  const uploads = [evidenceUpload(ports)];
  return { services: [service], routes, uploads, consumers: [controlRecorded(ports)] };
}
