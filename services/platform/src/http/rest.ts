import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { requireAllowed, type Rule } from '../identity/rule.ts';
import { withCorrelation } from '../correlation.ts';
import type { AppError, FieldProblem } from '../errors.ts';
import { fieldProblemsMax, invalid } from '../field-problems.ts';
import type { CallContext } from '../grpc.ts';
import { newId } from '../ids.ts';
import { preconditionRequired } from '../preconditions.ts';
import { actorOf, recordedName } from '../identity/principal.ts';
import { principalOf } from './identify-caller.ts';
import { Download, sendDownload } from './download.ts';
import { Tagged } from './etag.ts';

type Shape = z.ZodRawShape;

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export type RestInput<P, Q, B> = { params: P; query: Q; body: B };

/** The answer of a route: a schema, or a message of the contracts as protobuf's JSON, or a page of these. */
export type Answer = z.ZodType | { message: string; paged?: boolean };

/** A page of a list: its items, and where the next page begins. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });

/** A file's bytes. */
export const bytesAnswer = z.unknown().meta({ type: 'string', format: 'binary' });

/** One route. Its input is checked before its handler runs, and described from the same schemas. */
export type RestRoute = {
  method: Method;
  /** As in OpenAPI: /v1/operators/{operatorId}. */
  path: string;
  summary: string;
  /** Who may call. */
  allow: Rule;
  input: z.ZodType;
  takesBody: boolean;
  /** A request without If-Match is refused when this is `required`; the handler compares the versions. */
  ifMatch?: 'required' | 'optional';
  /** 200 unless given. */
  status?: number;
  answer: Answer;
  /** Returns the body, or the body with its version (`withETag`), or a file (`Download`). */
  handle: (input: never, context: CallContext) => Promise<unknown>;
};

/** Puts the parts of a route's input together, so that its handler knows their types. */
export function restRoute<P extends Shape, Q extends Shape, B extends z.ZodType = z.ZodUndefined>(route: {
  method: Method;
  path: string;
  summary: string;
  allow: Rule;
  ifMatch?: 'required' | 'optional';
  params?: P;
  query?: Q;
  body?: B;
  status?: number;
  answer: Answer;
  handle: (
    input: RestInput<z.output<z.ZodObject<P>>, z.output<z.ZodObject<Q>>, z.output<B>>,
    context: CallContext,
  ) => Promise<unknown>;
}): RestRoute {
  const { params, query, body, handle, ...rest } = route;
  const input = z.object({
    params: z.strictObject(params ?? {}),
    query: z.strictObject(query ?? {}),
    body: body ?? z.undefined(),
  });
  return { ...rest, input, takesBody: body !== undefined, handle: handle };
}

/**
 * The values of a contract's closed list as protobuf's JSON writes them, "unspecified" left out.
 *
 * @param prefix as in the contract, PARTY_ROLE
 */
export function closedList(prefix: string, values: Readonly<Record<string, number>>) {
  const names = Object.entries(values).filter(([, number]) => number > 0);
  return z.enum(names.map(([name]) => `${prefix}_${name}`) as [string, ...string[]]);
}

const deadlineMs = 5_000;

/** Binds routes to a router, each with its rule; the router has identified the callers before. */
export function bindRoutes(routes: readonly RestRoute[]): (router: Router) => void {
  return (router) => {
    for (const route of routes)
      router[route.method](route.path.replaceAll(/\{(\w+)\}/g, ':$1'), (request, response) =>
        answer(route, request, response),
      );
  };
}

async function answer(route: RestRoute, request: Request, response: Response): Promise<void> {
  const identified = contextOf(request);
  const about = { ...identified, principal: requireAllowed(identified.principal, route.allow) };
  if (route.ifMatch === 'required' && about.ifMatch === undefined) throw preconditionRequired();
  const { params, query } = request;
  const body = route.takesBody ? ((request.body as unknown) ?? {}) : undefined;
  const read = route.input.safeParse({ params, query, body }, { reportInput: true });
  if (!read.success) throw invalidInput(read.error);
  const work = () => route.handle(read.data as never, about);
  const result = await withCorrelation(about.correlationId, '', work);
  response.status(route.status ?? 200);
  if (result instanceof Download) await sendDownload(response, result);
  else if (result instanceof Tagged) response.set('ETag', `"${result.etag}"`).send(result.body);
  else response.send(result);
}

function contextOf(request: Request): CallContext {
  const header = (name: string) => request.get(name);
  const principal = principalOf(request);
  return {
    deadline: new Date(Date.now() + deadlineMs),
    signal: AbortSignal.timeout(deadlineMs),
    principal,
    peer: recordedName(principal),
    actor: actorOf(principal, header('actor')) || principal.subject,
    idempotencyKey: header('idempotency-key'),
    ifMatch: header('if-match'),
    correlationId: header('correlation-id') ?? newId(),
  };
}

/** Names the fields that cannot be used, the first fifty of them, by their path in body, query or path. */
function invalidInput(error: z.ZodError): AppError {
  return invalid(error.issues.flatMap(problemsOf).slice(0, fieldProblemsMax));
}

function problemsOf(issue: z.core.$ZodIssue): FieldProblem[] {
  const [, ...path] = issue.path;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: pathOf([...path, key]), code: 'FIELD_UNKNOWN' }));
  return [{ path: pathOf(path), code: codeOf(issue) }];
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

function codeOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined) return 'FIELD_REQUIRED';
  if (issue.code === 'invalid_value') return 'FIELD_UNKNOWN_VALUE';
  return issue.code === 'too_big' || issue.code === 'too_small' ? 'FIELD_RANGE' : 'FIELD_FORMAT';
}
