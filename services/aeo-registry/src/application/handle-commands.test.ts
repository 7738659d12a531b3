import { beforeEach, expect, test } from 'vitest';
import { loadRules } from '../adapters/rules-files.ts';
import type { Principal } from '../domain/operator/access.ts';
import type { Command } from '../domain/operator/decide.ts';
import type { Operator } from '../domain/operator/operator.ts';
import type { AuthoredEvent, IdempotentAnswer, OperatorTransaction } from '../ports.ts';
import type { AnswerFormat, Caller } from './command-outcome.ts';
import { handleCommands, type CommandPorts } from './handle-commands.ts';

const rules = loadRules();
const operatorId = 'operator';

let state: Operator | undefined;
let saved: { events: readonly AuthoredEvent[]; caller: string | null }[];
let answers: IdempotentAnswer[];
let eventIds: Set<string>;

beforeEach(() => {
  state = undefined;
  saved = [];
  answers = [];
  eventIds = new Set();
});

const transaction = (): OperatorTransaction => ({
  operator: { operatorId, version: BigInt(saved.length), state },
  now: new Date('2026-01-02T00:00:00Z'),
  save: (next, events, caller) => {
    state = next;
    return Promise.resolve(BigInt(saved.push({ events, caller })));
  },
  firstSeen: (eventId) => Promise.resolve(!eventIds.has(eventId) && eventIds.add(eventId).size > 0),
  findIdempotentAnswers: (_, keys) => Promise.resolve(answers.filter(({ key }) => keys.includes(key))),
  saveIdempotentAnswers: (_, more) => Promise.resolve(void answers.push(...more)),
});

const ports: CommandPorts = {
  withOperator: (_, work) => work(transaction()),
  rules,
  epoch: 1n,
};

const person = (roles: string[], operatorIds: string[] = []): Caller => {
  const principal: Principal = { kind: 'token', subject: 'somebody', roles, operatorIds, agencies: [] };
  return { name: 'token:somebody', actor: 'somebody', principal };
};
const officer = person(['officer']);
const identifier = { scheme: 'national-trader-id', country: 'XA', value: 'A1' };
const claim = { identifier, validFrom: null, validUntil: null };
const register: Command = {
  type: 'RegisterOperator',
  profile: { name: 'A firm', identifiers: [claim], sizeClass: 'small' },
};
const delegate: Command = { type: 'GrantDelegation', adviser: 'an-adviser', until: null };
const control: Command = {
  type: 'RecordControl',
  controlId: 'one',
  outcome: 'conform',
  declaredOn: '2026-01-01',
};

const format: AnswerFormat<string> = {
  name: 'result',
  answerOf: ({ version }) => `version ${version.number}`,
  toJson: (answer) => answer,
  fromJson: (json) => json as string,
};

type Extra = { key?: string; eventId?: string };

async function handle(caller: Caller | null, ...commands: [Command, Extra?][]) {
  const requests = commands.map(([command, { key, eventId } = {}]) => ({
    command,
    actor: 'somebody',
    eventId,
    idempotency: key === undefined ? undefined : { key, format },
  }));
  return handleCommands(ports, { operatorId, caller, requests });
}

test('commands of a batch build on each other and are saved once', async () => {
  const outcomes = await handle(officer, [register], [delegate]);
  expect(outcomes).toMatchObject([
    { kind: 'accepted', version: { epoch: 1n, number: 1n } },
    { kind: 'accepted', state: { delegations: { 'an-adviser': { until: null } } } },
  ]);
  expect(saved).toMatchObject([{ caller: 'token:somebody', events: [{}, {}] }]);
});

test('a missing operator and an operator of another firm look the same to a firm', async () => {
  const stranger = person(['applicant'], ['another']);
  expect(await handle(stranger, [delegate])).toEqual([{ kind: 'hidden' }]);
  expect(await handle(officer, [delegate])).toEqual([{ kind: 'refused', reason: 'NOT_FOUND' }]);
  await handle(officer, [register]);
  expect(await handle(stranger, [delegate])).toEqual([{ kind: 'hidden' }]);
  expect(await handle(person(['applicant'], [operatorId]), [delegate])).toMatchObject([{ kind: 'accepted' }]);
});

test('a key used in an earlier transaction repeats the stored answer, and is refused for another command', async () => {
  await handle(officer, [register], [delegate, { key: 'k' }]);
  expect(await handle(officer, [delegate, { key: 'k' }], [register, { key: 'k' }])).toEqual([
    { kind: 'repeated', answer: 'version 1' },
    { kind: 'refused', reason: 'KEY_REUSED' },
  ]);
  expect(saved).toHaveLength(1);
});

test('a key used twice in a batch has one outcome, and is refused for another command', async () => {
  const outcomes = await handle(
    officer,
    [register, { key: 'k' }],
    [register, { key: 'k' }],
    [delegate, { key: 'k' }],
  );
  expect(outcomes[1]).toBe(outcomes[0]);
  expect(outcomes[2]).toEqual({ kind: 'refused', reason: 'KEY_REUSED' });
  expect(answers).toHaveLength(1);
});

test('an answer of an earlier version is read in its own encoding', async () => {
  const requestHash = Buffer.from('an earlier hash');
  const storedEarlier = () => ({ requestHash, read: (answer: Buffer) => answer.toString('hex') });
  answers.push({ key: 'k', requestHash, answer: Buffer.from('ff', 'hex') });
  const idempotency = { key: 'k', format: { ...format, storedEarlier } };
  const requests = [{ command: register, actor: 'somebody', idempotency }];
  const outcomes = await handleCommands(ports, { operatorId, caller: officer, requests });
  expect(outcomes).toEqual([{ kind: 'repeated', answer: 'ff' }]);
  expect(saved).toEqual([]);
});

test('a precondition that does not hold changes nothing, and does not keep a stored answer back', async () => {
  await handle(officer, [register], [delegate, { key: 'k' }]);
  const precondition = () => {
    throw new Error('another revision');
  };
  const keyed = { command: delegate, actor: 'somebody', precondition, idempotency: { key: 'k', format } };
  const { idempotency, ...keyless } = keyed;
  const batch = { operatorId, caller: officer };
  await expect(handleCommands(ports, { ...batch, requests: [keyless] })).rejects.toThrow('another revision');
  expect(await handleCommands(ports, { ...batch, requests: [keyed] })).toEqual([
    { kind: 'repeated', answer: 'version 1' },
  ]);
  expect([saved.length, idempotency.key]).toEqual([1, 'k']);
});

test('an event is handled once for an operator of ours, and not marked for another', async () => {
  expect(await handle(null, [control, { eventId: 'e' }])).toMatchObject([{ kind: 'refused' }]);
  expect(eventIds.size).toBe(0);
  await handle(officer, [register]);
  expect(await handle(null, [control, { eventId: 'e' }])).toMatchObject([{ kind: 'accepted' }]);
  expect(await handle(null, [control, { eventId: 'e' }])).toEqual([{ kind: 'seen' }]);
  expect(saved).toMatchObject([{}, { caller: null, events: [{ event: { type: 'ControlRecorded' } }] }]);
});

test('deadlines are saved without an event too, so that the next one is noted', async () => {
  await handle(officer, [register]);
  await handle(null, [{ type: 'ProcessDeadlines' }]);
  await handle(officer, [register]);
  expect(saved).toMatchObject([{ events: [{}] }, { events: [], caller: null }]);
});
