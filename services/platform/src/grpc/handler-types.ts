import type { Principal } from '../identity/principal.ts';
import type { Rule } from '../identity/rule.ts';

/** The caller, the deadline and the identifiers of one call. */
export type CallContext = {
  deadline: Date;
  signal: AbortSignal;
  principal: Principal;
  /** The caller as records name it: by its certificate, or as `token:` and the subject. */
  peer: string;
  /** The person or system the caller acts for; with a token, its subject. */
  actor: string;
  idempotencyKey: string | undefined;
  /** The header If-Match as it was received, for `requireMatch`. */
  ifMatch: string | undefined;
  correlationId: string;
};

export type UnaryHandler<Request, Response> = (request: Request, context: CallContext) => Promise<Response>;

/** One open stream. `send` waits while the peer reads slowly. */
export type MessageStream<Request, Response> = {
  messages: AsyncIterable<Request>;
  send: (response: Response) => Promise<void>;
  context: CallContext;
};

export type BidiHandler<Request, Response> = (stream: MessageStream<Request, Response>) => Promise<void>;

/** A handler and the rule that says who may call it. The server checks the rule; the handler does not. */
export type UnaryMethod<Request, Response> = { handle: UnaryHandler<Request, Response>; allow: Rule };

/** A stream and the rule that says who may open it; for other callers it ends before a message is read. */
export type BidiMethod<Request, Response> = { handle: BidiHandler<Request, Response>; allow: Rule };
