import type { Metadata, ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { identify, type Identity } from '../identity/identify.ts';
import { peerNameOn } from '../identity/peer-name.ts';
import { actorOf, recordedName, type Principal } from '../identity/principal.ts';
import { requireAllowed, type Rule } from '../identity/rule.ts';
import type { CallContext } from './handler-types.ts';

export type IncomingCall = ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>;

/** What a call states before its caller is identified. */
export type CallStatement = Omit<CallContext, 'principal' | 'peer' | 'signal'> & {
  /** Aborted when the call ends before `release`. */
  cancellation: AbortController;
  /** Called once the call is answered: grpc-js reports the end of every call as its cancellation. */
  release: () => void;
};

/** How a method identifies its callers, and the rule it lets them in by. */
export type Guard = { rule: Rule | undefined; identity: Identity };

/** A unary call without a deadline of its caller gets this one. */
const defaultDeadlineMs = 1_000;

export function readCall(call: IncomingCall): CallStatement {
  const text = (key: string) => call.metadata.get(key)[0]?.toString();
  const stated = call.getDeadline();
  const deadline = new Date(
    stated instanceof Date ? stated : Number.isFinite(stated) ? stated : Date.now() + defaultDeadlineMs,
  );
  const cancellation = new AbortController();
  const abort = () => cancellation.abort();
  call.once('cancelled', abort);
  return {
    deadline,
    cancellation,
    release: () => void call.off('cancelled', abort),
    actor: text('actor') ?? '',
    idempotencyKey: text('idempotency-key'),
    ifMatch: text('if-match'),
    correlationId: text('correlation-id') ?? '',
  };
}

/**
 * The context for a call's handler.
 *
 * @throws AppError `denied` when the rule does not let the caller in
 */
export async function admit(
  call: IncomingCall,
  statement: CallStatement,
  guard: Guard,
): Promise<CallContext> {
  const { deadline, idempotencyKey, ifMatch, correlationId, cancellation } = statement;
  const principal = await identifyCaller(call, guard);
  const actor = actorOf(principal, statement.actor);
  const peer = recordedName(principal);
  const { signal } = cancellation;
  return { deadline, idempotencyKey, ifMatch, correlationId, signal, principal, peer, actor };
}

async function identifyCaller(call: IncomingCall, { rule, identity }: Guard): Promise<Principal> {
  const socket = call.getAuthContext()?.socket;
  const certificate = socket === undefined ? '' : peerNameOn(socket);
  const authorization = call.metadata.get('authorization')[0]?.toString();
  return requireAllowed(await identify({ certificate, authorization }, identity), rule);
}

/** Continues the caller's trace. Instrumentation, where loaded, has made a span of this call already. */
export function inTrace<T>(metadata: Metadata, work: () => Promise<T>): Promise<T> {
  if (trace.getActiveSpan() !== undefined) return work();
  const parent = propagation.extract(ROOT_CONTEXT, metadata.getMap());
  return context.with(parent, work);
}
