import { randomUUID } from 'node:crypto';
import type { GrpcClient } from '@aeo/platform/grpc';
import { common, registryService } from '@aeo/proto';

const asItStands = { tiers: [], roles: [], renewal: false };
const service = registryService.RegistryServiceService;

/** Registers a trader with this number and takes it through the programme with a spotless record. */
export async function certifiedTrader(registry: GrpcClient, identifier: common.Identifier) {
  const operatorId = randomUUID();
  const applicationId = `application-${operatorId}`;
  const operator = {
    operatorId,
    name: 'A trader',
    sizeClass: common.SizeClass.LARGE,
    identifiers: [{ identifier }],
  };
  await registry.call(
    service.registerOperator,
    registryService.RegisterOperatorRequest.fromPartial(operator),
  );
  const facts = { operatorId, origin: 'history', declarations: 100n, controls: 100n };
  await registry.call(
    service.recordComplianceFacts,
    registryService.RecordComplianceFactsRequest.fromPartial(facts),
  );
  const application = { applicationId, operatorId, programmeId: 'demonstration', ...asItStands };
  await registry.call(service.submitApplication, application);
  const proposing = { actor: 'first-officer' };
  await registry.call(service.decideApplication, { applicationId, operatorId }, proposing);
  const approval = { applicationId, operatorId };
  const { certificateId } = await registry.call(service.approveDecision, approval, {
    actor: 'second-officer',
  });
  const suspend = (reason: string) =>
    registry.call(service.suspendCertificate, {
      operatorId,
      certificateId,
      reason,
      effectiveFrom: undefined,
    });
  return { operatorId, certificateId, suspend };
}
