import { requireAllowed, type Rule } from '../identity/rule.ts';
import type { BidiHandler, UnaryHandler } from '../grpc.ts';

const rules = new WeakMap<object, Rule>();

/** A handler for those callers alone, whichever edge they come by. */
export function allowed<Request, Response>(
  rule: Rule,
  handler: UnaryHandler<Request, Response>,
): UnaryHandler<Request, Response> {
  const guarded: UnaryHandler<Request, Response> = async (request, context) => {
    requireAllowed(context.principal, rule);
    return handler(request, context);
  };
  rules.set(guarded, rule);
  return guarded;
}

/** A stream for those callers alone; anybody else's ends before a message is read. */
export function allowedStream<Request, Response>(
  rule: Rule,
  handler: BidiHandler<Request, Response>,
): BidiHandler<Request, Response> {
  const guarded: BidiHandler<Request, Response> = async (stream) => {
    requireAllowed(stream.context.principal, rule);
    return handler(stream);
  };
  rules.set(guarded, rule);
  return guarded;
}

/** The rule under which a handler was put, if it was. */
export function ruleOf(handler: object): Rule | undefined {
  return rules.get(handler);
}
