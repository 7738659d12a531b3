import { AppError } from '@aeo/platform/errors';
import { consumerOf, type BoundConsumer } from '@aeo/platform/kafka';
import { clearanceControl, common, topics } from '@aeo/proto';
import type { Ports } from '../../ports.ts';

const { CONFORM, FINDING, CRITICAL_FINDING } = common.ControlOutcome;
const known: readonly number[] = [CONFORM, FINDING, CRITICAL_FINDING];

/** Keeps what controls found, each once, with how the goods had been selected. */
export const controlRecorded = ({ recordFeedback }: Pick<Ports, 'recordFeedback'>): BoundConsumer =>
  consumerOf({
    topic: topics.control.name,
    decode: (value) => clearanceControl.ControlResult.decode(value),
    handle: async ({ probe, selectionProbabilityPpm, ...control }) => {
      if (probe) return;
      // Set aside, so that it can be replayed by a version that knows the outcome: here it would count as a finding.
      if (!known.includes(control.outcome))
        throw new AppError('invalid', 'FIELD_UNKNOWN_VALUE', 'an unknown outcome');
      await recordFeedback({ ...control, probabilityPpm: selectionProbabilityPpm });
    },
  });
