import type { Principal } from '../domain/operator/access.ts';
import type { Command, RefusalReason } from '../domain/operator/decide.ts';
import type { Event, Instant, Operator } from '../domain/operator/operator.ts';

/** Who gives a command: the name of the caller in records, the person or system it acts for, and what it may do. */
export type Caller = { name: string; actor: string; principal: Principal };

/** A command whose fields were checked. */
export type CommandRequest<Answer> = {
  command: Command;
  /** The person or system the command comes from. */
  actor: string;
  /** The caller's key, and how its answer is stored. */
  idempotency?: { key: string; format: AnswerFormat<Answer> } | undefined;
  /** What else must hold before the state is changed. @throws AppError where it does not */
  precondition?: ((state: Operator | undefined) => void) | undefined;
  /** The event that leads to the command; a second command of the same event changes nothing. */
  eventId?: string | undefined;
};

/** Commands on one operator; `caller` is null for what the registry does by itself. */
export type CommandBatch<Answer> = {
  operatorId: string;
  caller: Caller | null;
  requests: readonly CommandRequest<Answer>[];
};

/** How the answer to an accepted command is made, and stored as JSON under the caller's key. */
export type AnswerFormat<Answer> = {
  /** Part of the request hash: a key used for one format is refused for another. Stored, so these never change: `result` is the answer of the gRPC contract, `asked` that of a route of REST alone. */
  name: 'result' | 'asked';
  answerOf: (accepted: Accepted) => Answer;
  toJson: (answer: Answer) => unknown;
  fromJson: (json: unknown) => Answer;
  /** The hash and the encoding under which an earlier version of this service stored the same request. */
  storedEarlier?: (() => { requestHash: Buffer; read: (answer: Buffer) => Answer }) | undefined;
};

export type Refusal = { kind: 'refused'; reason: RefusalReason | 'NOT_ALLOWED'; path?: string };

/** The state after the command, and the version of the operator's published status after the transaction. */
export type Accepted = {
  kind: 'accepted';
  state: Operator;
  events: readonly Event[];
  version: { epoch: bigint; number: bigint };
  now: Instant;
};

export type CommandOutcome<Answer> =
  | Accepted
  | Refusal
  /** The caller may not know whether the operator exists. */
  | { kind: 'hidden' }
  /** Done before under the same idempotency key, with the answer of then. */
  | { kind: 'repeated'; answer: Answer }
  /** Done before for the same event. */
  | { kind: 'seen' };
