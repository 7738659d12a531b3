import { toAppError } from '@aeo/platform/errors';
import { clearanceControl, common } from '@aeo/proto';
import { expect, test } from 'vitest';
import { controlRecorded } from './control-recorded.ts';

const { CONFORM, UNSPECIFIED } = common.ControlOutcome;
/** Added by a later version of the contract. */
const later = 99 as common.ControlOutcome;

/** Delivers a control to the handler; returns what it kept. */
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

test('the result of a control is kept, and that of a probe is ignored', async () => {
  expect(await kept({})).toEqual(['one']);
  expect(await kept({ probe: true })).toEqual([]);
});

test.each([later, UNSPECIFIED])(
  'the unknown outcome %i is refused, as it would count as a finding',
  async (outcome) => {
    const outcomeOf = kept({ outcome }).then(() => 'passed over', toAppError);
    expect(await outcomeOf).toMatchObject({ code: 'invalid' });
  },
);
