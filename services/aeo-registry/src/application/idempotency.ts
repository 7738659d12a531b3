import { createHash } from 'node:crypto';
import type { Command } from '../domain/operator/decide.ts';
import type { IdempotentAnswer, OperatorTransaction } from '../ports.ts';
import type {
  Accepted,
  AnswerFormat,
  CommandBatch,
  CommandOutcome,
  CommandRequest,
  Refusal,
} from './command-outcome.ts';

/** What a key stands for already: an answer of an earlier transaction, or a request at a place of this batch. */
type KeyUse<Answer> = { kind: 'repeated'; answer: Answer } | { kind: 'sameAs'; index: number } | Refusal;

export type IdempotencyKeys<Answer> = {
  /** Undefined for a request without a key, and for a key that was not used yet. */
  find(request: CommandRequest<Answer>): KeyUse<Answer> | undefined;
  /** Notes that the request at this place of the batch was accepted. Keys of refused requests may be used again. */
  accept(request: CommandRequest<Answer>, index: number): void;
  /** Stores the answers to the accepted requests. */
  save(outcomes: readonly CommandOutcome<Answer>[]): Promise<void>;
};

/** The idempotency keys of a batch, with what the caller used them for before. */
export async function idempotencyKeys<Answer>(
  { findIdempotentAnswers, saveIdempotentAnswers }: OperatorTransaction,
  { caller, operatorId, requests }: CommandBatch<Answer>,
): Promise<IdempotencyKeys<Answer>> {
  const keys = requests.flatMap(({ idempotency }) => idempotency?.key ?? []);
  const found = caller === null ? [] : await findIdempotentAnswers(caller.name, keys);
  const stored = new Map(found.map((answer) => [answer.key, answer]));
  const accepted = new Map<string, { index: number; hash: Buffer; format: AnswerFormat<Answer> }>();
  return {
    find: ({ idempotency, command }) => {
      if (idempotency === undefined) return undefined;
      const { key, format } = idempotency;
      const hash = requestHash(format, operatorId, command);
      const answered = stored.get(key);
      if (answered !== undefined) return readAnswer(answered, hash, format);
      const first = accepted.get(key);
      if (first === undefined) return undefined;
      return first.hash.equals(hash) ? { kind: 'sameAs', index: first.index } : keyReused;
    },
    accept: ({ idempotency, command }, index) => {
      if (idempotency === undefined) return;
      const { key, format } = idempotency;
      accepted.set(key, { index, hash: requestHash(format, operatorId, command), format });
    },
    save: async (outcomes) => {
      if (caller === null) return;
      const answers = [...accepted].map(([key, { index, hash, format }]) => {
        const answer = format.answerOf(outcomes[index] as Accepted);
        return { key, requestHash: hash, answer: Buffer.from(JSON.stringify(format.toJson(answer))) };
      });
      await saveIdempotentAnswers(caller.name, answers);
    },
  };
}

const keyReused: Refusal = { kind: 'refused', reason: 'KEY_REUSED' };

/** Over the request without its key and the person it comes from. */
export function requestHash({ name }: { name: string }, operatorId: string, command: Command): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([name, operatorId, storedForm(command)]))
    .digest();
}

/** A command as it was first stored, so that a retry after an upgrade of this service is still known. */
function storedForm(command: Command): object {
  if (command.type !== 'DowngradeCertificate') return command;
  const { type, certificateId, ...others } = command;
  return { type, certificateId, effectiveFrom: null, ...others };
}

function readAnswer<Answer>(
  stored: IdempotentAnswer,
  hash: Buffer,
  { fromJson, storedEarlier }: AnswerFormat<Answer>,
): KeyUse<Answer> {
  if (stored.requestHash.equals(hash))
    return { kind: 'repeated', answer: fromJson(JSON.parse(stored.answer.toString())) };
  const earlier = storedEarlier?.();
  return earlier?.requestHash.equals(stored.requestHash) === true
    ? { kind: 'repeated', answer: earlier.read(stored.answer) }
    : keyReused;
}
