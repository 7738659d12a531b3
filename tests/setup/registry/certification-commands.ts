import type { GrpcClient } from '@aeo/platform/grpc';
import { common, registryService } from '@aeo/proto';

const service = registryService.RegistryServiceService;
type Command = NonNullable<registryService.RegistryCommand['command']>;

/** An application for everything the programme offers, in every role. */
export const anyApplication = { tiers: [], roles: [], renewal: false };

export type Certification = {
  operatorId: string;
  name: string;
  identifier: Pick<common.Identifier, 'scheme' | 'country' | 'value'>;
  applicationId: string;
  /** Counts of the operator's history. */
  facts: { declarations: bigint; controls: bigint; findings: bigint };
};

/** The commands from the registration of an operator to the approval of its application, by two officers. */
export function certificationCommands(certification: Certification): registryService.RegistryCommand[] {
  const { operatorId, name, identifier, applicationId, facts } = certification;
  const application = { applicationId, operatorId };
  const steps: { command: Command; actor?: string }[] = [
    {
      command: {
        $case: 'registerOperator',
        value: registryService.RegisterOperatorRequest.fromPartial({
          operatorId,
          name,
          identifiers: [{ identifier }],
          sizeClass: common.SizeClass.LARGE,
        }),
      },
    },
    {
      command: {
        $case: 'recordComplianceFacts',
        value: registryService.RecordComplianceFactsRequest.fromPartial({
          operatorId,
          origin: 'history',
          ...facts,
        }),
      },
    },
    {
      command: {
        $case: 'submitApplication',
        value: { ...application, programmeId: 'demonstration', ...anyApplication },
      },
    },
    { command: { $case: 'decideApplication', value: application }, actor: 'first-officer' },
    { command: { $case: 'approveDecision', value: application }, actor: 'second-officer' },
  ];
  return steps.map((step) => registryService.RegistryCommand.fromPartial(step));
}

/** @returns the id of the certificate; empty where a command was refused */
export async function certify(
  registry: GrpcClient,
  commands: registryService.RegistryCommand[],
): Promise<string> {
  const { results } = await registry.call(service.executeBatch, { commands });
  const last = results.at(-1)?.result;
  return last?.$case === 'approveDecision' ? last.value.certificateId : '';
}
