import { AppError } from '@aeo/platform/errors';
import { consumerOf, type BoundConsumer } from '@aeo/platform/kafka';
import { clearanceControl, common, topics } from '@aeo/proto';
import { handleCommands, type CommandPorts } from '../../application/handle-commands.ts';
import type { Command } from '../../domain/operator/decide.ts';
import type { ControlOutcome } from '../../domain/operator/operator.ts';

const outcomes: Record<number, ControlOutcome> = {
  [common.ControlOutcome.CONFORM]: 'conform',
  [common.ControlOutcome.FINDING]: 'finding',
  [common.ControlOutcome.CRITICAL_FINDING]: 'critical_finding',
};

type RecordControl = Command & { type: 'RecordControl' };

/** Adds what a control found to the record of each of our operators on the declaration, once for each. */
export const controlRecorded = (ports: CommandPorts): BoundConsumer =>
  consumerOf({
    topic: topics.control.name,
    decode: (value) => clearanceControl.ControlResult.decode(value),
    handle: async ({ controlId, declaredOn, outcome: code, parties, probe }) => {
      const outcome = outcomes[code];
      if (probe) return;
      // A dead letter, so that a version which knows the outcome can replay it.
      if (outcome === undefined) throw new AppError('invalid', 'FIELD_UNKNOWN_VALUE', 'an unknown outcome');
      const command = { type: 'RecordControl' as const, controlId, outcome, declaredOn };
      const operators = new Set(parties.map(({ operatorId }) => operatorId).filter((id) => id !== ''));
      for (const operatorId of operators) await record(ports, operatorId, command);
    },
  });

/** The actor of audit rows of what border posts recorded. */
const actor = 'clearance-priority';

async function record(ports: CommandPorts, operatorId: string, command: RecordControl): Promise<void> {
  const eventId = `control/${command.controlId}/${operatorId}`;
  await handleCommands(ports, { operatorId, caller: null, requests: [{ command, actor, eventId }] });
}
