import { clearanceService } from '@aeo/proto';
import { expect, test } from 'vitest';
import { readDeclarationsFile } from '../input/declarations-file.ts';
import type { AssessChannel } from './assess-line.ts';
import { sendDeclarations } from './send-declarations.ts';

const rows = readDeclarationsFile('infra/data/2021-q1.csv').rows.slice(0, 30);
type Answer = clearanceService.AssessStreamResponse;

/** Answers each request after a moment; the answer may depend on the number of earlier requests. */
function border(answer: (declarationId: string, attempt: number) => Partial<Answer> | 'end' | 'silence') {
  const asked: string[] = [];
  const open = (): AssessChannel => {
    let listener: (response: Answer) => void = () => undefined;
    const over = Promise.withResolvers<void>();
    let ended = false;
    const end = () => ((ended = true), over.resolve());
    const write: AssessChannel['write'] = ({ requestId, assess }) => {
      const id = assess?.declaration?.declarationId ?? '';
      if (ended) return Promise.reject(new Error('write after end'));
      asked.push(id);
      const given = answer(id, asked.filter((each) => each === id).length);
      if (given === 'end') end();
      if (typeof given === 'string') return Promise.resolve();
      const response = clearanceService.AssessStreamResponse.fromPartial({ requestId, ...given });
      setTimeout(() => (ended ? undefined : listener(response)), asked.length % 3);
      return Promise.resolve();
    };
    return { onAnswer: (given) => void (listener = given), write, ended: over.promise, end, cancel: end };
  };
  return { open, asked };
}

const assessed: Partial<Answer> = {
  result: { $case: 'assessed', value: { decision: undefined, decidedAt: undefined } },
};
const problem = (code: string, reason: string): Partial<Answer> => ({
  result: { $case: 'problem', value: { code, reason, detail: '', fields: [] } },
});

async function send(answer: Parameters<typeof border>[0]) {
  const { open, asked } = border(answer);
  const decided: string[] = [];
  const transcript = await sendDeclarations(open, rows, {
    perSecond: 5_000,
    unansweredMax: 4,
    deadlineMs: 500,
    silenceMaxMs: 40,
    reconnectMs: 1,
    patienceMs: 20,
    onDecision: ({ declarationId }) => void decided.push(declarationId),
    progress: () => undefined,
  });
  return { transcript, asked, decided };
}

const ids = rows.map(({ declarationId }) => declarationId);

test('every declaration is sent once, in order, and decided once', async () => {
  const { transcript, asked, decided } = await send(() => assessed);
  expect(asked).toEqual(ids);
  expect(decided.toSorted()).toEqual(ids.toSorted());
  expect(transcript).toMatchObject({ sent: 30, decided: 30, refused: [], latenciesMs: { length: 30 } });
});

test('a declaration that is refused as unavailable is sent again until it is answered', async () => {
  const { transcript } = await send((id, attempt) =>
    id === ids[3] && attempt < 3 ? problem('unavailable', 'UNAVAILABLE') : assessed,
  );
  expect(transcript).toMatchObject({ sent: 30, decided: 30, refused: [] });
});

test('a refusal is final and is reported with its reason', async () => {
  const { transcript, asked } = await send((id) =>
    id === ids[5] ? problem('conflict', 'KEY_REUSED') : assessed,
  );
  expect(transcript).toMatchObject({ decided: 29, refused: [{ declarationId: ids[5], code: 'KEY_REUSED' }] });
  expect(asked).toHaveLength(30);
});

test.each(['end', 'silence'] as const)(
  'after a stream with an %s the rest is sent on the next stream, and nothing is counted twice',
  async (trouble) => {
    const { transcript, decided } = await send((id, attempt) =>
      id === ids[7] && attempt === 1 ? trouble : assessed,
    );
    expect(transcript).toMatchObject({ sent: 30, decided: 30, refused: [], reconnects: 1 });
    expect(decided.toSorted()).toEqual(ids.toSorted());
  },
);

test('streams that bring no answers end the run with a reason', async () => {
  await expect(send(() => 'end')).rejects.toThrow(/answered nothing on \d+ streams in a row/);
});
