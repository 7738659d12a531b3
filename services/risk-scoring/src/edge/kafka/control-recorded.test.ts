import { toAppError } from '@aeo/platform/errors';
import { clearanceControl, common } from '@aeo/proto';
import { expect, test } from 'vitest';
import { controlRecorded } from './control-recorded.ts';

const { CONFORM, UNSPECIFIED } = common.ControlOutcome;
/** Of a version of the contract that is not known here. */
const later = 99 as common.ControlOutcome;

/** Hands a control to the handler; returns what it kept. */
async function kept(changes: Partial<clearanceControl.ControlResult>): Promise<string[]> {
  const controls: string[] = [];
  const recordFeedback = ({ controlId }: { controlId: string }) =>
    Promise.resolve(void controls.push(controlId));
  const control = clearanceControl.ControlResult.fromPartial({ controlId: 'one', outcome: CONFORM });
  const value = clearanceControl.ControlResult.encode({ ...control, ...changes }).finish();
  const about = {
    eventId: 'e',
    eventType: 'ControlRecorded',
    key: 'D1',
    topic: 't',
    partition: 0,
    offset: 0n,
    occurredAt: new Date(0),
    correlationId: '',
  };
  await controlRecorded({ recordFeedback }).handle(value, about);
  return controls;
}

test('what a control found is kept, and a probe is nobody’s goods', async () => {
  expect(await kept({})).toEqual(['one']);
  expect(await kept({ probe: true })).toEqual([]);
});

test.each([later, UNSPECIFIED])(
  'outcome %i would count as a finding, so the record is set aside',
  async (outcome) => {
    const told = kept({ outcome }).then(() => 'passed over', toAppError);
    expect(await told).toMatchObject({ code: 'invalid' });
  },
);
