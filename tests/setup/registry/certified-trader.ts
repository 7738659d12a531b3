import { randomUUID } from 'node:crypto';
import type { GrpcClient } from '@aeo/platform/grpc';
import { registryService, type common } from '@aeo/proto';
import { certificationCommands, certify } from './certification-commands.ts';

const service = registryService.RegistryServiceService;

/**
 * Registers a trader with this identifier and a history without findings, and certifies it.
 *
 * @throws Error where the registry refuses
 */
export async function certifiedTrader(registry: GrpcClient, identifier: common.Identifier) {
  const operatorId = randomUUID();
  const certificateId = await certify(
    registry,
    certificationCommands({
      operatorId,
      name: 'A trader',
      identifier,
      applicationId: `application-${operatorId}`,
      facts: { declarations: 100n, controls: 100n, findings: 0n },
    }),
  );
  if (certificateId === '') throw new Error(`${identifier.value} was not certified`);
  const suspend = (reason: string) =>
    registry.call(service.suspendCertificate, {
      operatorId,
      certificateId,
      reason,
      effectiveFrom: undefined,
    });
  return { operatorId, certificateId, suspend };
}
