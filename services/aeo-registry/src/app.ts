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
import { fileReadingRoutes } from './edge/rest/application-reading.ts';
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

export type Handlers = ReturnType<typeof handlersOf>;

function handlersOf(ports: Ports) {
  return {
    registerOperator: singleCommand(ports, 'registerOperator'),
    recordComplianceFacts: singleCommand(ports, 'recordComplianceFacts'),
    submitApplication: singleCommand(ports, 'submitApplication'),
    decideApplication: singleCommand(ports, 'decideApplication'),
    approveDecision: singleCommand(ports, 'approveDecision'),
    recordFacts: singleCommand(ports, 'recordFacts'),
    recordEvidence: singleCommand(ports, 'recordEvidence'),
    recordPerson: singleCommand(ports, 'recordPerson'),
    takeStep: singleCommand(ports, 'takeStep'),
    suspendCertificate: singleCommand(ports, 'suspendCertificate'),
    reinstateCertificate: singleCommand(ports, 'reinstateCertificate'),
    revokeCertificate: singleCommand(ports, 'revokeCertificate'),
    executeBatch: executeBatch(ports),
    getOperator: getOperator(ports),
    listCertificates: listCertificates(ports),
  };
}

/** The RPCs, each with the rule that says who may call it; routes have rules of their own. */
function methodsOf(handlers: Handlers) {
  const { command, read, register } = callers;
  return {
    registerOperator: { allow: command, handle: handlers.registerOperator },
    recordComplianceFacts: { allow: command, handle: handlers.recordComplianceFacts },
    submitApplication: { allow: command, handle: handlers.submitApplication },
    decideApplication: { allow: command, handle: handlers.decideApplication },
    approveDecision: { allow: command, handle: handlers.approveDecision },
    recordFacts: { allow: command, handle: handlers.recordFacts },
    recordEvidence: { allow: command, handle: handlers.recordEvidence },
    recordPerson: { allow: command, handle: handlers.recordPerson },
    takeStep: { allow: command, handle: handlers.takeStep },
    suspendCertificate: { allow: command, handle: handlers.suspendCertificate },
    reinstateCertificate: { allow: command, handle: handlers.reinstateCertificate },
    revokeCertificate: { allow: command, handle: handlers.revokeCertificate },
    executeBatch: { allow: command, handle: handlers.executeBatch },
    getOperator: { allow: read, handle: handlers.getOperator },
    listCertificates: { allow: register, handle: handlers.listCertificates },
  };
}

/** Which handler answers which RPC, route and topic; RPCs and routes share theirs. */
export function createApp(ports: Ports): App {
  const handlers = handlersOf(ports);
  const service = grpcService(registryService.RegistryServiceService, { unary: methodsOf(handlers) });
  const routes = [
    statusCommandRoutes(handlers),
    applicationRoutes(ports),
    fileReadingRoutes(ports),
    certificateRoutes(ports),
    recordRoutes(ports),
    readingRoutes(ports),
    [evidenceDownload(ports), reviewsRoute(ports)],
  ].flat();
  const uploads = [evidenceUpload(ports)];
  return { services: [service], routes, uploads, consumers: [controlRecorded(ports)] };
}
