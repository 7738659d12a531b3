import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Identity } from '../identity/identify.ts';
import type { Rule } from '../identity/rule.ts';
import { serveBidi } from './bidi.ts';
import type { BidiHandler, BidiMethod, UnaryHandler, UnaryMethod } from './handler-types.ts';
import { serveUnary } from './unary.ts';

export type GrpcService = {
  definition: ServiceDefinition;
  /** Who may call, by method; a method without a rule refuses every caller. */
  rules: Readonly<Record<string, Rule | undefined>>;
  /** The implementation for a server that identifies its callers in this way. */
  implementation: (identity: Identity) => UntypedServiceImplementation;
  /** Reads no more messages from open streams; their handlers answer what they have read, and the streams end. */
  drain(): void;
};

type Methods = {
  unary?: Record<string, UnaryMethod<never, unknown>>;
  bidi?: Record<string, BidiMethod<never, unknown>>;
};

/**
 * Binds promise handlers to a generated service definition. A method without a rule refuses with NOT_ALLOWED.
 *
 * @throws Error at start when a method has no handler, or a handler no method
 */
export function grpcService(definition: ServiceDefinition, { unary = {}, bidi = {} }: Methods): GrpcService {
  const all = { ...unary, ...bidi };
  requireEachMethod(definition, Object.keys(all));
  const rules: Record<string, Rule | undefined> = {};
  for (const [method, { allow }] of Object.entries(all)) rules[method] = allow;
  const open = new Set<AbortController>();
  const implementation = (identity: Identity) => {
    const bound: UntypedServiceImplementation = {};
    for (const [method, { handle, allow: rule }] of Object.entries(unary)) {
      const handler = handle as UnaryHandler<unknown, unknown>;
      bound[method] = serveUnary(fullName(definition, method), { rule, identity }, handler);
    }
    for (const [method, { handle, allow: rule }] of Object.entries(bidi))
      bound[method] = serveBidi(open, { rule, identity }, handle as unknown as BidiHandler<unknown, unknown>);
    return bound;
  };
  const drain = () => open.forEach((each) => each.abort());
  return { definition, rules, implementation, drain };
}

function requireEachMethod(definition: ServiceDefinition, bound: readonly string[]): void {
  const unmatched = [...new Set(bound).symmetricDifference(new Set(Object.keys(definition)))];
  if (unmatched.length > 0)
    throw new Error(`methods without a handler, or the reverse: ${unmatched.join(', ')}`);
}

/** As the semantic conventions name a method: package, service and method. */
function fullName(definition: ServiceDefinition, method: string): string {
  return definition[method]?.path.slice(1) ?? method;
}
