import type { AppError } from '@aeo/platform/errors';
import { common, registryService } from '@aeo/proto';
import { expect, test } from 'vitest';
import type { CommandMessage } from '../status-commands.ts';
import { readCommand } from './read-command.ts';

const { RegisterOperatorRequest, RevokeCertificateRequest } = registryService;
const identifier = { scheme: 'national-trader-id', country: 'XA', value: 'A1' };

const registering = (name: string, operatorId = 'o-1'): CommandMessage => ({
  $case: 'registerOperator',
  value: RegisterOperatorRequest.fromPartial({
    operatorId,
    name,
    identifiers: [{ identifier }],
    sizeClass: common.SizeClass.SMALL,
  }),
});

const revoking = (reason: string, ids = {}): CommandMessage => ({
  $case: 'revokeCertificate',
  value: RevokeCertificateRequest.fromPartial({ operatorId: 'o-1', certificateId: 'c-1', reason, ...ids }),
});

function fieldsOf(wire: CommandMessage): readonly { path: string; code: string }[] {
  try {
    readCommand(wire);
    return [];
  } catch (error) {
    return (error as AppError).fields;
  }
}

const code = 'FIELD_FORMAT';

test.each([
  ['a null character', 'a\u0000b'],
  ['a line break', 'a\nb'],
  ['a line separator', 'a\u2028b'],
  ['a paragraph separator', 'a\u2029b'],
  ['a mark that turns the direction of text', 'a\u202Eb'],
  ['an isolate of another direction', 'a\u2067b'],
  ['the first half of a character', 'a\uD83D'],
  ['the second half of a character', '\uDE00b'],
  ['nothing but spaces', '   '],
  ['nothing', ''],
])('a name or reason with %s is refused by its path', (_, text) => {
  expect(fieldsOf(registering(text))).toEqual([{ path: 'name', code }]);
  expect(fieldsOf(revoking(text))).toEqual([{ path: 'reason', code }]);
});

test.each(['Åkesson & Söhne GmbH', '東京貿易', 'شركة الميناء', 'Ferry 😀'])('%s is a name', (name) => {
  expect(fieldsOf(registering(name))).toEqual([]);
  expect(fieldsOf(revoking(name))).toEqual([]);
});

test.each(['', 'a\u0000', '!!', 'a b', 'a\n', 'x'.repeat(81)])('%j is no id', (id) => {
  expect(fieldsOf(registering('A', id))).toEqual([{ path: 'operatorId', code }]);
  expect(fieldsOf(revoking('why', { certificateId: id }))).toEqual([{ path: 'certificateId', code }]);
  expect(fieldsOf(revoking('why', { reasonId: id }))).toEqual([{ path: 'reasonId', code }]);
  const asItStands = { tiers: [], roles: [], renewal: false };
  const application = { applicationId: id, operatorId: id, programmeId: id, ...asItStands };
  expect(fieldsOf({ $case: 'submitApplication', value: application })).toEqual([
    { path: 'applicationId', code },
    { path: 'operatorId', code },
    { path: 'programmeId', code },
  ]);
});
