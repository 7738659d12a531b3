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
import { requireCaller } from '../callers.ts';
import { withCorrelation } from '../correlation.ts';
import { AppError, toAppError } from '../errors.ts';
import { reportFault } from '../faults.ts';
import { recordDuration } from '../metrics.ts';
import { toStatus } from './status.ts';
import { drained } from './drained.ts';

/** Who calls, until when, and what names the call. */
export type CallContext = {
  deadline: Date;
  signal: AbortSignal;
  actor: string;
  idempotencyKey: string | undefined;
  correlationId: string;
  /** The common name of the caller's certificate; empty on a connection without one. */
  peer: string;
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
  implementation: UntypedServiceImplementation;
  /** Reads no more messages from open streams; their handlers answer what they took, and the streams end. */
  drain(): void;
};

/** A unary call without a deadline of the caller's gets this one. */
const defaultDeadlineMs = 1_000;

type Handlers = {
  unary?: Record<string, UnaryHandler<never, unknown>>;
  bidi?: Record<string, BidiHandler<never, unknown>>;
  /** Who may call, by the names of their certificates. Absent: whoever has a certificate of our authority. */
  callers?: readonly string[];
};

/**
 * Binds promise handlers to a generated service definition.
 *
 * @throws Error at start when a method has no handler, or a handler no method
 */
export function grpcService(definition: ServiceDefinition, handlers: Handlers): GrpcService {
  const implementation: UntypedServiceImplementation = {};
  const { callers } = handlers;
  const reading = new Set<AbortController>();
  for (const [method, given] of Object.entries(handlers.unary ?? {})) {
    const handler = given as UnaryHandler<unknown, unknown>;
    implementation[method] = unary(nameOf(definition, method), async (request, about) => {
      requireCaller(about.peer, callers);
      return handler(request, about);
    });
  }
  for (const [method, given] of Object.entries(handlers.bidi ?? {})) {
    const handler = given as unknown as BidiHandler<unknown, unknown>;
    implementation[method] = bidi(reading, async (stream) => {
      requireCaller(stream.context.peer, callers);
      return handler(stream);
    });
  }
  const named = new Set(Object.keys(implementation));
  const wanted = new Set(Object.keys(definition));
  const odd = [...named.symmetricDifference(wanted)];
  if (odd.length > 0) throw new Error(`methods without a handler, or the reverse: ${odd.join(', ')}`);
  const drain = () => reading.forEach((each) => each.abort());
  return { definition, implementation, drain };
}

function unary(method: string, handler: UnaryHandler<unknown, unknown>): handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    const startedMs = performance.now();
    const answered = (code: status, failure: { 'error.type'?: string }) =>
      recordDuration('rpc.server.call.duration', startedMs, {
        ...{ 'rpc.method': method, 'rpc.response.status_code': status[code] },
        ...failure,
      });
    const gone = new AbortController();
    const about = contextOf(call, gone);
    const expired = deadlinePassed(about.deadline, gone);
    const work = () => withCorrelation(about.correlationId, '', () => handler(call.request, about));
    void inTrace(call.metadata, () => Promise.race([work(), expired.promise]))
      .then(
        (response) => {
          callback(null, response);
          answered(status.OK, {});
        },
        (error: unknown) => {
          reportFault(error);
          const answer = toStatus(error);
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
  handler: BidiHandler<unknown, unknown>,
): (call: ServerDuplexStream<unknown, unknown>) => void {
  return (call) => {
    const stream = {
      messages: messagesOf(call, reading),
      send: (response: unknown) => write(call, response),
      context: contextOf(call, new AbortController()),
    };
    const work = () => withCorrelation(stream.context.correlationId, '', () => handler(stream));
    void inTrace(call.metadata, work).then(
      () => call.end(),
      (error: unknown) => {
        reportFault(error);
        call.emit('error', toStatus(error));
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

function contextOf(call: AnyCall, gone: AbortController): CallContext {
  const text = (key: string) => call.metadata.get(key)[0]?.toString();
  const given = call.getDeadline();
  const deadline = new Date(
    given instanceof Date ? given : Number.isFinite(given) ? given : Date.now() + defaultDeadlineMs,
  );
  call.once('cancelled', () => gone.abort());
  return {
    deadline,
    signal: gone.signal,
    actor: text('actor') ?? '',
    idempotencyKey: text('idempotency-key'),
    correlationId: text('correlation-id') ?? '',
    peer: call.getAuthContext()?.sslPeerCertificate?.subject.CN?.toString() ?? '',
  };
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
