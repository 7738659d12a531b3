import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { clearanceService, registryService, riskService } from '@aeo/proto';
import { trainOnHistory } from './train-on-history.ts';

type Server = { address: string };

/** Connects to each service under the certificate of a caller that it serves. */
export function serviceClients(tlsDirectory: string, defaultDeadlineMs = 30_000) {
  const settings = ({ address }: Server, caller: string) => ({
    address,
    tls: loadTls(tlsDirectory, caller),
    defaultDeadlineMs,
  });
  return {
    clearance: (server: Server): GrpcClient =>
      grpcClient(clearanceService.ClearanceServiceClient, settings(server, 'border-system')),
    registry: (server: Server): GrpcClient =>
      grpcClient(registryService.RegistryServiceClient, settings(server, 'officer')),
    risk: (server: Server): GrpcClient =>
      grpcClient(riskService.RiskServiceClient, settings(server, 'officer')),
  };
}

/** Gives a risk-scoring that was just started its model. */
export async function trainRiskScoring(tlsDirectory: string, server: Server): Promise<void> {
  const risk = serviceClients(tlsDirectory).risk(server);
  await trainOnHistory(risk);
  await risk.stop();
}
