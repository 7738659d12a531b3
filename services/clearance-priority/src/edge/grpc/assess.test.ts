import { AppError } from '@aeo/platform/errors';
import type { CallContext, MessageStream } from '@aeo/platform/grpc';
import { clearanceDecision, clearanceService, common, contentHash, declaration } from '@aeo/proto';
import { expect, test } from 'vitest';
import { eventually } from '../../../../../tests/setup/eventually.ts';
import type { Recorded } from '../../domain/decision/recorded.ts';
import type { Batcher, Request } from '../../ports.ts';
import { assessOne, type AssessPorts } from './assess.ts';
import { assessStream } from './assess-stream.ts';
import { declarationLodged } from '../kafka/declaration-lodged.ts';

type StreamRequest = clearanceService.AssessStreamRequest;
type StreamResponse = clearanceService.AssessStreamResponse;
const { DeclarationKind, Direction, PartyRole, Stage, TransportMode } = common;

const declared = (declarationId: string, office = '10') =>
  declaration.Declaration.fromPartial({
    declarationId,
    version: 1,
    office,
    declaredOn: '2021-01-04',
    kind: DeclarationKind.IMPORT,
    direction: Direction.IMPORT,
    transportMode: TransportMode.SEA,
    parties: [{ role: PartyRole.IMPORTER }],
    items: [{ number: 1, hs6: '010101' }],
  });
const requestOf = (declarationId: string, changes: Partial<clearanceService.AssessRequest> = {}) =>
  clearanceService.AssessRequest.fromPartial({
    declaration: declared(declarationId),
    stage: Stage.PRESENTATION,
    ...changes,
  });
const context = { correlationId: '', deadline: new Date(8_640_000_000_000_000) } as CallContext;

function recordOf(goods: declaration.Declaration, probe = false): Recorded {
  const decision = clearanceDecision.Decision.fromPartial({
    declarationId: goods.declarationId,
    version: 1,
    revision: 1,
    contentHash: contentHash(goods),
    probe,
  });
  return { bytes: clearanceDecision.Decision.encode(decision).finish(), decision, decidedAt: new Date(5) };
}

/** Decides each declaration when it is told to; what was decided stays on record. */
function slowNode() {
  const recorded = new Map<string, Recorded>();
  const waiting = new Map<string, () => void>();
  const batcher: Batcher = {
    assess: ({ declaration: goods }: Request) =>
      new Promise((resolve) => {
        const held = recorded.get(goods.declarationId);
        if (held !== undefined) return resolve(held);
        waiting.set(goods.declarationId, () => {
          recorded.set(goods.declarationId, recordOf(goods));
          resolve(recordOf(goods));
        });
      }),
  };
  const find = (id: string) => Promise.resolve(recorded.get(id));
  const counted = { unrecorded: 0 };
  const asking = {
    withoutRecord: ({ declaration: goods }: Request) =>
      Promise.resolve({ ...recordOf(goods), decidedAt: undefined }),
    onAnsweredWithoutRecord: () => void (counted.unrecorded += 1),
  };
  const ports = { batcher, nodeState: {}, store: { find }, ...asking } as unknown as AssessPorts;
  return { ports, recorded, waiting, counted, decide: (id: string) => waiting.get(id)?.() };
}

/** An open stream: messages are taken when the handler asks for them. */
function openStream(ports: AssessPorts, requests: Iterable<StreamRequest>) {
  const answers: StreamResponse[] = [];
  const seen = { read: 0 };
  async function* messages() {
    for (const request of requests) {
      seen.read += 1;
      yield await Promise.resolve(request);
    }
  }
  const send = (answer: StreamResponse) => Promise.resolve(void answers.push(answer));
  const stream = { messages: messages(), send, context } as MessageStream<StreamRequest, StreamResponse>;
  return { answers, seen, ended: assessStream(ports)(stream) };
}

const message = (requestId: string, deadlineMs: number): StreamRequest =>
  clearanceService.AssessStreamRequest.fromPartial({ requestId, deadlineMs, assess: requestOf(requestId) });

test('a message is answered at its deadline, and its decision is recorded all the same', async () => {
  const node = slowNode();
  const { answers, ended } = openStream(node.ports, [message('late', 20), message('in-time', 60_000)]);
  await eventually(() => expect(answers).toHaveLength(1));
  expect(answers[0]).toMatchObject({
    requestId: 'late',
    result: { $case: 'assessed', value: { decidedAt: undefined, decision: { declarationId: 'late' } } },
  });
  node.decide('late');
  node.decide('in-time');
  await ended;
  expect(answers.slice(1)).toMatchObject([{ requestId: 'in-time', result: { $case: 'assessed' } }]);
  expect(node.counted.unrecorded).toBe(1);
  const retry = await assessOne(node.ports)(requestOf('late'), context);
  const held = clearanceDecision.Decision.decode(node.recorded.get('late')!.bytes);
  expect(retry.decision).toEqual(held);
});

test('a caller with a deadline gets an answer before it while the ledger hangs', async () => {
  const node = slowNode();
  const soon = { ...context, deadline: new Date(Date.now() + 150) };
  const { decision, decidedAt } = await assessOne(node.ports)(requestOf('hung'), soon);
  expect(decision?.declarationId).toBe('hung');
  expect(decidedAt).toBeUndefined();
});

test('a message without a deadline waits a second, and a negative one is refused', async () => {
  const node = slowNode();
  const { answers, ended } = openStream(node.ports, [message('usual', 0), message('wrong', -1)]);
  await ended;
  expect(answers).toMatchObject([
    { requestId: 'wrong', result: { value: { fields: [{ path: 'deadlineMs', code: 'FIELD_RANGE' }] } } },
    { requestId: 'usual', result: { $case: 'assessed', value: { decidedAt: undefined } } },
  ]);
});

test('a thousand messages may wait for their answers, and the next is read when one was answered', async () => {
  const node = slowNode();
  const requests = Array.from({ length: 1_003 }, (_, n) => message(`D${n}`, 60_000));
  const { answers, seen, ended } = openStream(node.ports, requests);
  await eventually(() => expect(node.waiting.size).toBe(1_000));
  // One more is in hand, and waits for a place.
  expect(seen.read).toBe(1_001);
  node.decide('D7');
  await eventually(() => expect(node.waiting.size).toBe(1_001));
  expect([seen.read, answers.length]).toEqual([1_002, 1]);
  for (const { requestId } of requests) {
    await eventually(() => expect(node.waiting.has(requestId)).toBe(true));
    node.decide(requestId);
  }
  await ended;
  expect(answers).toHaveLength(1_003);
});

test('an answer that cannot be sent ends the stream with its reason', async () => {
  const node = slowNode();
  const send = () => Promise.reject(new AppError('unavailable', 'UNAVAILABLE', 'gone'));
  async function* messages() {
    yield await Promise.resolve(message('D1', 5));
  }
  const stream = { messages: messages(), send, context } as MessageStream<StreamRequest, StreamResponse>;
  await expect(assessStream(node.ports)(stream)).rejects.toMatchObject({ code: 'unavailable' });
});

/** A node on whose record there is one declaration, however it is asked. */
function nodeHolding(recorded: Recorded): AssessPorts {
  const batcher: Batcher = { assess: () => Promise.resolve(recorded) };
  return {
    batcher,
    nodeState: {},
    store: { find: () => Promise.resolve(recorded) },
  } as unknown as AssessPorts;
}

const onTopic = (ports: AssessPorts, goods: declaration.Declaration, probe: boolean) => {
  const { DeclarationLodged } = declaration;
  const lodged = DeclarationLodged.fromPartial({ declaration: goods, stage: Stage.PRESENTATION, probe });
  const about = { correlationId: '' } as never;
  return declarationLodged(ports.batcher).handle(DeclarationLodged.encode(lodged).finish(), about);
};

test.each([
  ['other content', declared('D1', '20'), false, 'declaration'],
  ['a probe of the same goods', declared('D1'), true, 'probe'],
])('a record is no answer to %s', async (_, goods, probe, path) => {
  const ports = nodeHolding(recordOf(declared('D1')));
  const refused = { code: 'conflict', reason: 'KEY_REUSED', fields: [{ path, code: 'KEY_REUSED' }] };
  const request = requestOf('D1', { declaration: goods, probe });
  await expect(assessOne(ports)(request, context)).rejects.toMatchObject(refused);
  await expect(assessOne(ports)({ ...request, revision: 1 }, context)).rejects.toMatchObject(refused);
  await expect(onTopic(ports, goods, probe)).rejects.toMatchObject(refused);
});

test('a probe is no answer to goods', async () => {
  const ports = nodeHolding(recordOf(declared('D1'), true));
  await expect(assessOne(ports)(requestOf('D1'), context)).rejects.toMatchObject({ reason: 'KEY_REUSED' });
  expect(await assessOne(ports)(requestOf('D1', { probe: true }), context)).toMatchObject({
    decision: { probe: true },
  });
});

test.each([-1, 2_147_483_648])('revision %i is out of bounds', async (revision) => {
  const asked = assessOne(nodeHolding(recordOf(declared('D1'))))(requestOf('D1', { revision }), context);
  await expect(asked).rejects.toMatchObject({ fields: [{ path: 'revision', code: 'FIELD_RANGE' }] });
});
