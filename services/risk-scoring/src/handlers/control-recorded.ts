import { consumerOf, type BoundConsumer } from '@aeo/platform/kafka';
import { clearanceControl, topics } from '@aeo/proto';
import type { Ports } from '../ports.ts';

/** Keeps what controls found, each once, with how the goods had been selected. */
export const controlRecorded = ({ recordFeedback }: Pick<Ports, 'recordFeedback'>): BoundConsumer =>
  consumerOf({
    topic: topics.control.name,
    decode: (value) => clearanceControl.ControlResult.decode(value),
    handle: async ({ probe, selectionProbabilityPpm, ...control }) => {
      if (!probe) await recordFeedback({ ...control, probabilityPpm: selectionProbabilityPpm });
    },
  });
