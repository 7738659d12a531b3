import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import { registryService } from '@aeo/proto';
import { executeBatch } from './handlers/execute-batch.ts';
import { getOperator } from './handlers/get-operator.ts';
import { listCertificates } from './handlers/list-certificates.ts';
import { singleCommand } from './handlers/single-command.ts';
import type { Ports } from './ports.ts';

/** Which handler answers which RPC. */
export function createApp(ports: Ports): { services: GrpcService[] } {
  const service = grpcService(registryService.RegistryServiceService, {
    unary: {
      registerOperator: singleCommand(ports, 'registerOperator'),
      recordComplianceFacts: singleCommand(ports, 'recordComplianceFacts'),
      submitApplication: singleCommand(ports, 'submitApplication'),
      decideApplication: singleCommand(ports, 'decideApplication'),
      suspendCertificate: singleCommand(ports, 'suspendCertificate'),
      reinstateCertificate: singleCommand(ports, 'reinstateCertificate'),
      revokeCertificate: singleCommand(ports, 'revokeCertificate'),
      executeBatch: executeBatch(ports),
      getOperator: getOperator(ports),
      listCertificates: listCertificates(ports),
    },
  });
  return { services: [service] };
}
