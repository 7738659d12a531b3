import { toAppError } from '@aeo/platform/errors';
import { clearanceControl, common } from '@aeo/proto';
import { expect, test } from 'vitest';
import type { Ports } from '../../ports.ts';
import { controlRecorded } from './control-recorded.ts';

const { CONFORM, UNSPECIFIED } = common.ControlOutcome;
/** Of a version of the contract that is not known here. */
const later = 99 as common.ControlOutcome;

/** Hands a control to the handler; returns the operators it looked for. */
async function handled(outcome: common.ControlOutcome, parties: { operatorId: string }[]): Promise<string[]> {
  const soughtFor: string[] = [];
  const withOperator = (operatorId: string) => Promise.resolve(void soughtFor.push(operatorId));
  const control = clearanceControl.ControlResult.fromPartial({ controlId: 'one', parties });
  const value = clearanceControl.ControlResult.encode({ ...control, outcome }).finish();
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
  await controlRecorded({ withOperator } as unknown as Ports).handle(value, about);
  return soughtFor;
}

test('each operator on the declaration is handled once', async () => {
  const parties = ['a', 'b', 'a', ''].map((operatorId) => ({ operatorId }));
  expect(await handled(CONFORM, parties)).toEqual(['a', 'b']);
});

test.each([later, UNSPECIFIED])(
  'a control with the unknown outcome %i becomes a dead letter',
  async (outcome) => {
    const told = handled(outcome, [{ operatorId: 'a' }]).then(() => 'passed over', toAppError);
    expect(await told).toMatchObject({ code: 'invalid' });
  },
);
