import { clearanceService } from '@aeo/proto';
import { expect, test } from 'vitest';
import { readDeclarationsFile } from './declarations-file.ts';
import { sendDeclarations, type AssessChannel } from './send-declarations.ts';

const rows = readDeclarationsFile('infra/data/2021-q1.csv').rows.slice(0, 30);
type Answer = clearanceService.AssessStreamResponse;

/** Answers each request after a moment; what it answers may depend on how often it was asked before. */
function channel(answer: (declarationId: string, attempt: number) => Partial<Answer>) {
  let listener: (response: Answer) => void = () => undefined;
  const asked: string[] = [];
  const fake: AssessChannel = {
    onAnswer: (given) => void (listener = given),
    write: ({ requestId, assess }) => {
      const id = assess?.declaration?.declarationId ?? '';
      asked.push(id);
      const attempt = asked.filter((each) => each === id).length;
      const response = clearanceService.AssessStreamResponse.fromPartial({
        requestId,
        ...answer(id, attempt),
      });
      setTimeout(() => listener(response), asked.length % 3);
      return Promise.resolve();
    },
  };
  return { fake, asked };
}

const assessed: Partial<Answer> = {
  result: { $case: 'assessed', value: { decision: undefined, decidedAt: undefined } },
};
const problem = (code: string, reason: string): Partial<Answer> => ({
  result: { $case: 'problem', value: { code, reason, detail: '', fields: [] } },
});

async function send(answer: (declarationId: string, attempt: number) => Partial<Answer>) {
  const { fake, asked } = channel(answer);
  const decided: string[] = [];
  const transcript = await sendDeclarations(fake, rows, {
    perSecond: 5_000,
    unansweredMax: 4,
    deadlineMs: 500,
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

test('what could not be answered is asked again until it is', async () => {
  const { transcript } = await send((id, attempt) =>
    id === ids[3] && attempt < 3 ? problem('unavailable', 'UNAVAILABLE') : assessed,
  );
  expect(transcript).toMatchObject({ sent: 30, decided: 30, refused: [] });
});

test('a refusal stands and is told by its reason', async () => {
  const { transcript, asked } = await send((id) =>
    id === ids[5] ? problem('conflict', 'KEY_REUSED') : assessed,
  );
  expect(transcript).toMatchObject({ decided: 29, refused: [{ declarationId: ids[5], code: 'KEY_REUSED' }] });
  expect(asked).toHaveLength(30);
});
