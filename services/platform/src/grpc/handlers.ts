import { on } from 'node:events';
import {
  status,
  type handleUnaryCall,
  type Metadata,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { ruleOf } from './allowed.ts';
import { requireAllowed, type Rule } from '../identity/rule.ts';
import { withCorrelation } from '../correlation.ts';
import { AppError, toAppError } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import { identify, type Identity } from '../identity/identify.ts';
import { recordDuration } from '../metrics.ts';
import { actorOf, recordedName, type Principal } from '../identity/principal.ts';
import { toStatus } from './status.ts';
import { drained } from './drained.ts';

/** Who calls, until when, and what names the call. */
export type CallContext = {
  deadline: Date;
  signal: AbortSignal;
  principal: Principal;
  /** The caller as records name it: by its certificate, or as `token:` and the subject. */
  peer: string;
  /** The person or system the caller acts for; with a token, its subject. */
  actor: string;
  idempotencyKey: string | undefined;
  /** The header If-Match as it came, to be held against the present version by `requireMatch`. */
  ifMatch: string | undefined;
  correlationId: string;
};

export type UnaryHandler<Request, Response> = (request: Request, context: CallContext) => Promise<Response>;

/** One open stream: its messages as they come, and a way to answer that waits when the peer reads slowly. */
export type MessageStream<Request, Response> = {
  messages: AsyncIterable<Request>;
  send: (response: Response) => Promise<void>;
  context: CallContext;
};

export type BidiHandler<Request, Response> = (stream: MessageStream<Request, Response>) => Promise<void>;

export type GrpcService = {
  definition: ServiceDefinition;
  /** Who may call, by method; where there is no rule, nobody may. */
  rules: Readonly<Record<string, Rule | undefined>>;
  /** What a server serves that knows its callers in this way. */
  implementation: (identity: Identity) => UntypedServiceImplementation;
  /** Reads no more messages from open streams; their handlers answer what they took, and the streams end. */
  drain(): void;
};

/** A unary call without a deadline of the caller's gets this one. */
const defaultDeadlineMs = 1_000;

type Handlers = {
  unary?: Record<string, UnaryHandler<never, unknown>>;
  bidi?: Record<string, BidiHandler<never, unknown>>;
  /** Who may call methods whose handlers have no rule of their own (`allowed`). Absent: nobody may call those. */
  allow?: Rule;
};

/**
 * Binds promise handlers to a generated service definition. A handler without a rule answers NOT_ALLOWED.
 *
 * @throws Error at start when a method has no handler, or a handler no method
 */
export function grpcService(definition: ServiceDefinition, handlers: Handlers): GrpcService {
  const { unary: single = {}, bidi: streams = {}, allow } = handlers;
  const all = { ...single, ...streams };
  const odd = [...new Set(Object.keys(all)).symmetricDifference(new Set(Object.keys(definition)))];
  if (odd.length > 0) throw new Error(`methods without a handler, or the reverse: ${odd.join(', ')}`);
  const rules: Record<string, Rule | undefined> = {};
  for (const [method, handler] of Object.entries(all)) rules[method] = ruleOf(handler) ?? allow;
  const reading = new Set<AbortController>();
  const implementation = (identity: Identity) => {
    const bound: UntypedServiceImplementation = {};
    for (const [method, given] of Object.entries(single)) {
      const handler = given as UnaryHandler<unknown, unknown>;
      const guard = { rule: rules[method], identity };
      bound[method] = unary(nameOf(definition, method), guard, handler);
    }
    for (const [method, given] of Object.entries(streams)) {
      const handler = given as unknown as BidiHandler<unknown, unknown>;
      bound[method] = bidi(reading, { rule: rules[method], identity }, handler);
    }
    return bound;
  };
  const drain = () => reading.forEach((each) => each.abort());
  return { definition, rules, implementation, drain };
}

type Guard = { rule: Rule | undefined; identity: Identity };

/** Who calls, when it is known that they may. */
async function admitted(call: AnyCall, { rule, identity }: Guard): Promise<Principal> {
  const certificate = call.getAuthContext()?.sslPeerCertificate?.subject.CN?.toString() ?? '';
  const authorization = call.metadata.get('authorization')[0]?.toString();
  const principal = await identify({ certificate, authorization }, identity);
  return requireAllowed(principal, rule);
}

function unary(
  method: string,
  guard: Guard,
  handler: UnaryHandler<unknown, unknown>,
): handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    const startedMs = performance.now();
    const answered = (code: status, failure: { 'error.type'?: string }) =>
      recordDuration('rpc.server.call.duration', startedMs, {
        'rpc.method': method,
        'rpc.response.status_code': status[code],
        ...failure,
      });
    const about = callOf(call);
    const expired = deadlinePassed(about.deadline, about.gone);
    const handle = async () => handler(call.request, contextOf(about, await admitted(call, guard)));
    const work = () => withCorrelation(about.correlationId, '', handle);
    void inTrace(call.metadata, () => Promise.race([work(), expired.promise]))
      .then(
        (response) => {
          callback(null, response);
          answered(status.OK, {});
        },
        (error: unknown) => {
          reportFailure(error);
          const answer = toStatus(error, call.metadata);
          callback(answer);
          answered(answer.code, { 'error.type': toAppError(error).code });
        },
      )
      .finally(expired.clear);
  };
}

/** As the semantic conventions name a method: package, service and method. */
function nameOf(definition: ServiceDefinition, method: string): string {
  return definition[method]?.path.slice(1) ?? method;
}

function bidi(
  reading: Set<AbortController>,
  guard: Guard,
  handler: BidiHandler<unknown, unknown>,
): (call: ServerDuplexStream<unknown, unknown>) => void {
  return (call) => {
    const about = callOf(call);
    const handle = async () => {
      const context = contextOf(about, await admitted(call, guard));
      const send = (response: unknown) => write(call, response);
      return handler({ messages: messagesOf(call, reading), send, context });
    };
    const work = () => withCorrelation(about.correlationId, '', handle);
    void inTrace(call.metadata, work).then(
      () => call.end(),
      (error: unknown) => {
        reportFailure(error);
        call.emit('error', toStatus(error, call.metadata));
      },
    );
  };
}

/** A stream ends at this age, so that its client comes back and may meet another node. */
const streamAgeMaxMs = 3_600_000;

/** While this many messages wait for the handler the peer is not read; it goes on when a quarter is left. */
const bufferedMax = 64;

/** Ends quietly when the peer goes away, the stream is old or the server stops: none is a fault of the handler. */
async function* messagesOf(
  call: ServerDuplexStream<unknown, unknown>,
  reading: Set<AbortController>,
): AsyncGenerator<unknown> {
  const over = new AbortController();
  reading.add(over);
  call.once('cancelled', () => over.abort());
  if (call.cancelled) over.abort();
  const aged = setTimeout(() => over.abort(), streamAgeMaxMs);
  const watermarks = { highWaterMark: bufferedMax, lowWaterMark: bufferedMax / 4 };
  try {
    const events = on(call, 'data', { close: ['end', 'close'], signal: over.signal, ...watermarks });
    for await (const [message] of events) yield message;
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    clearTimeout(aged);
    reading.delete(over);
  }
}

function write(call: ServerDuplexStream<unknown, unknown>, response: unknown): Promise<void> {
  if (call.cancelled || call.write(response)) return Promise.resolve();
  return drained(call);
}

type AnyCall = ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>;

type KnownOfCall = Omit<CallContext, 'principal' | 'peer' | 'signal'> & { gone: AbortController };

/** What a call says before it is known who calls. */
function callOf(call: AnyCall): KnownOfCall {
  const text = (key: string) => call.metadata.get(key)[0]?.toString();
  const given = call.getDeadline();
  const deadline = new Date(
    given instanceof Date ? given : Number.isFinite(given) ? given : Date.now() + defaultDeadlineMs,
  );
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort());
  return {
    deadline,
    gone,
    actor: text('actor') ?? '',
    idempotencyKey: text('idempotency-key'),
    ifMatch: text('if-match'),
    correlationId: text('correlation-id') ?? '',
  };
}

function contextOf({ gone, ...about }: KnownOfCall, principal: Principal): CallContext {
  const actor = actorOf(principal, about.actor);
  return { ...about, signal: gone.signal, principal, peer: recordedName(principal), actor };
}

function deadlinePassed(
  deadline: Date,
  gone: AbortController,
): { promise: Promise<never>; clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<never>((_, reject) => {
    const late = () => {
      gone.abort();
      reject(new AppError('unavailable', 'UNAVAILABLE', 'the deadline has passed'));
    };
    timer = setTimeout(late, Math.max(0, Math.min(deadline.getTime() - Date.now(), 2 ** 31 - 1)));
  });
  return { promise, clear: () => clearTimeout(timer) };
}

/** Instrumentation, where loaded, has made a span of this call already. */
function inTrace<T>(metadata: Metadata, work: () => Promise<T>): Promise<T> {
  if (trace.getActiveSpan() !== undefined) return work();
  const parent = propagation.extract(ROOT_CONTEXT, metadata.getMap());
  return context.with(parent, work);
}
