import { withETag } from '@aeo/platform/http';
import type { CallContext } from '@aeo/platform/grpc';
import { requireMatch } from '@aeo/platform/preconditions';
import { isOfAuthority } from '../../domain/operator/access.ts';
import type { Command } from '../../domain/operator/decide.ts';
import { viewOf } from '../../domain/application/application-view.ts';
import { heldUnder, type Operator } from '../../domain/operator/operator.ts';
import { executeCommand, notThere } from '../../application/execute-command.ts';
import type { Ports } from '../../ports.ts';

type OfFile = { operatorId: string; applicationId: string };

/**
 * Carries out a command on a file, and answers with the file and its revision as the ETag. With If-Match it is refused
 * where the file has moved on.
 */
export async function askOfFile(ports: Ports, file: OfFile, command: Command, context: CallContext) {
  const { operatorId, applicationId } = file;
  const forAuthority = isOfAuthority(context.principal);
  const answer = await executeCommand(
    ports,
    {
      operatorId,
      command,
      require: (state) => {
        if (context.ifMatch !== undefined)
          requireMatch(context.ifMatch, String(heldUnder(state.applications, applicationId)?.revision ?? 0));
      },
      answer: (state, world) => {
        const application = heldUnder(state.applications, applicationId);
        if (application === undefined) throw notThere();
        return { ...viewOf({ operatorId, applicationId }, application, state, { ...world, forAuthority }) };
      },
    },
    context,
  );
  return withETag(answer, String(answer['revision']));
}

/** Carries out a command on a certificate, and answers with the certificate. */
export function askOfCertificate(
  ports: Ports,
  operatorId: string,
  command: Command & { certificateId: string },
  context: CallContext,
) {
  const answer = ({ certificates }: Operator) => ({
    operatorId,
    ...heldUnder(certificates, command.certificateId),
  });
  return executeCommand(ports, { operatorId, command, answer }, context);
}

/** Carries out a command on what is known of an operator, and answers with what is there now under a name. */
export function askOfRecord(
  ports: Ports,
  operatorId: string,
  command: Command,
  context: CallContext,
  told: (state: Operator) => Record<string, unknown> = () => ({}),
) {
  const answer = (state: Operator) => ({ operatorId, ...told(state) });
  return executeCommand(ports, { operatorId, command, answer }, context);
}
