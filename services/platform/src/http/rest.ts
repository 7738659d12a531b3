import type { Request, Router } from 'express';
import { z } from 'zod';
import { requireCaller } from '../callers.ts';
import { withCorrelation } from '../correlation.ts';
import { AppError, type FieldProblem } from '../errors.ts';
import type { CallContext } from '../grpc.ts';
import { newId } from '../ids.ts';
import { peerName } from './server.ts';

type Shape = z.ZodRawShape;

export type RestInput<P, Q, B> = { params: P; query: Q; body: B };

/** One route: what it takes is checked before its handler sees it, and described from the same schemas. */
export type RestRoute = {
  method: 'get' | 'post';
  /** As in OpenAPI: /v1/operators/{operatorId}. */
  path: string;
  summary: string;
  input: z.ZodType;
  /** 200 unless given. */
  status?: number;
  handle: (input: never, context: CallContext) => Promise<unknown>;
};

/** Puts the parts of a route's input together, so that its handler knows their types. */
export function restRoute<P extends Shape, Q extends Shape, B extends z.ZodType = z.ZodUndefined>(route: {
  method: 'get' | 'post';
  path: string;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  status?: number;
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
  return { ...rest, input, handle: handle };
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

/**
 * Binds routes to a router.
 *
 * @param callers who may call, by the names of their certificates; absent: whoever has one of our authority
 */
export function bindRoutes(
  routes: readonly RestRoute[],
  callers?: readonly string[],
): (router: Router) => void {
  return (router) => {
    for (const { method, path, input, status, handle } of routes) {
      router[method](path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
        requireCaller(peerName(request), callers);
        const { params, query } = request;
        const body = method === 'post' ? ((request.body as unknown) ?? {}) : undefined;
        const read = input.safeParse({ params, query, body }, { reportInput: true });
        if (!read.success) throw invalidInput(read.error);
        const about = contextOf(request);
        const work = () => handle(read.data as never, about);
        response.status(status ?? 200).send(await withCorrelation(about.correlationId, '', work));
      });
    }
  };
}

function contextOf(request: Request): CallContext {
  const header = (name: string) => request.get(name);
  return {
    deadline: new Date(Date.now() + deadlineMs),
    signal: AbortSignal.timeout(deadlineMs),
    actor: header('actor') ?? peerName(request),
    idempotencyKey: header('idempotency-key'),
    correlationId: header('correlation-id') ?? newId(),
    peer: peerName(request),
  };
}

/** An answer stays small whatever was sent. */
const fieldsMax = 50;

/** The fields that cannot be used, the first fifty of them, by their path in body, query or path. */
function invalidInput(error: z.ZodError): AppError {
  const fields = error.issues.flatMap(problemsOf).slice(0, fieldsMax);
  const [first, ...others] = fields;
  const named = first === undefined ? '' : `${first.path}: ${first.code}`;
  const detail = others.length === 0 ? named : `${named}, and ${others.length} more`;
  return new AppError('invalid', fields[0]?.code ?? 'FIELD_FORMAT', detail, { fields });
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

/** Describes routes as OpenAPI 3.1. */
export function openApiOf(title: string, routes: readonly RestRoute[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  const problem = {
    type: 'object',
    required: ['type', 'title', 'status', 'code'],
    properties: {
      ...{ type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' } },
      ...{ code: { type: 'string' }, detail: { type: 'string' }, traceId: { type: 'string' } },
      fields: {
        type: 'array',
        items: {
          type: 'object',
          properties: { path: { type: 'string' }, code: { type: 'string' } },
        },
      },
    },
  };
  return { openapi: '3.1.0', info: { title, version: '1' }, paths, components: { schemas: { problem } } };
}

type JsonSchema = { properties?: Record<string, JsonSchema>; required?: string[] };

function operationOf({ summary, input, method, status }: RestRoute): object {
  const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const { params, query, body } = properties;
  const parameters = [...parametersOf('path', params), ...parametersOf('query', query)];
  const problem = {
    description: 'A problem (RFC 9457)',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/problem' } } },
  };
  return {
    summary,
    parameters,
    ...(method === 'post' ? { requestBody: { content: { 'application/json': { schema: body } } } } : {}),
    responses: { [String(status ?? 200)]: { description: summary }, default: problem },
  };
}

function parametersOf(place: 'path' | 'query', schema: JsonSchema | undefined) {
  return Object.entries(schema?.properties ?? {}).map(([name, type]) => ({
    ...{ name, in: place, schema: type },
    required: place === 'path' || (schema?.required ?? []).includes(name),
  }));
}
