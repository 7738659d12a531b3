import { AppError } from '@aeo/platform/errors';
import { consumerOf, type BoundConsumer } from '@aeo/platform/kafka';
import { clearanceControl, common, topics } from '@aeo/proto';
import { decide } from '../../domain/operator/decide.ts';
import { evolve, type ControlOutcome } from '../../domain/operator/operator.ts';
import type { Ports } from '../../ports.ts';

const outcomes: Record<number, ControlOutcome> = {
  [common.ControlOutcome.CONFORM]: 'conform',
  [common.ControlOutcome.FINDING]: 'finding',
  [common.ControlOutcome.CRITICAL_FINDING]: 'critical_finding',
};

/** Adds what a control found to the record of each of our operators on the declaration, once for each. */
export const controlRecorded = (ports: Ports): BoundConsumer =>
  consumerOf({
    topic: topics.control.name,
    decode: (value) => clearanceControl.ControlResult.decode(value),
    handle: async ({ controlId, declaredOn, outcome: code, parties, probe }) => {
      const outcome = outcomes[code];
      if (probe) return;
      // Set aside, so that it can be replayed by a version that knows the outcome: silence would lose it.
      if (outcome === undefined) throw new AppError('invalid', 'FIELD_UNKNOWN_VALUE', 'an unknown outcome');
      const command = { type: 'RecordControl' as const, controlId, outcome, declaredOn };
      const operators = new Set(parties.map(({ operatorId }) => operatorId).filter((id) => id !== ''));
      for (const operatorId of operators) await record(ports, operatorId, command);
    },
  });

/** Under which name the records have what border posts told. */
const actor = 'clearance-priority';

type RecordControl = Parameters<typeof decide>[0] & { type: 'RecordControl' };

function record(ports: Ports, operatorId: string, command: RecordControl): Promise<void> {
  return ports.withOperator(operatorId, async ({ operator, now, save, firstSeen }) => {
    const world = { ...ports.rules, now: now.toISOString(), actor };
    const decision = decide(command, operator.state, world);
    if (decision.kind === 'refused') return;
    if (!(await firstSeen(`control/${command.controlId}/${operatorId}`))) return;
    const state = decision.events.reduce(evolve, operator.state!);
    const events = decision.events.map((event) => ({ event, actor }));
    await save(state, events, null);
  });
}
