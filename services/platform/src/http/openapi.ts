import { z } from 'zod';
import type { Rule } from '../identity/rule.ts';
import { messageSchemas, type JsonSchema, type MessageSchemas } from './message-schemas.ts';
import type { Answer, RestRoute } from './rest.ts';

/**
 * Describes routes as OpenAPI 3.1, with who may call them, the headers they read and their answers.
 *
 * @param protoFolder where the contracts lie, of whose messages some answers are
 */
export function openApiOf(title: string, routes: readonly RestRoute[], protoFolder: string): object {
  const messages = messageSchemas(protoFolder);
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, messages) };
  const problem = {
    type: 'object',
    required: ['type', 'title', 'status', 'code'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      code: { type: 'string' },
      detail: { type: 'string' },
      traceId: { type: 'string' },
      fields: {
        type: 'array',
        items: {
          type: 'object',
          properties: { path: { type: 'string' }, code: { type: 'string' }, text: { type: 'string' } },
        },
      },
    },
  };
  const components = { schemas: { problem, ...messages.schemas }, securitySchemes };
  return { openapi: '3.1.0', info: { title, version: '1' }, paths, components };
}

type InputSchema = { format?: string; properties?: Record<string, InputSchema>; required?: string[] };

const securitySchemes = {
  certificate: { type: 'mutualTLS', description: 'A certificate of this authority, by its common name' },
  token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token of the issuer' },
};

/** One of these is enough. Names of certificates and roles stand where OpenAPI has the roles of a scheme (4.8.30). */
function securityOf({ certificates, roles = [] }: Rule): object[] {
  const names = certificates === 'any' ? [] : certificates;
  return [
    ...(certificates === undefined ? [] : [{ certificate: names }]),
    ...(roles.length === 0 ? [] : [{ token: roles }]),
  ];
}

function operationOf(route: RestRoute, messages: MessageSchemas): object {
  const { summary, input, status, answer, takesBody, allow } = route;
  const answered = schemaOf(answer, messages);
  const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as InputSchema;
  const { params, query, body } = properties;
  const parameters = [...parametersOf('path', params), ...parametersOf('query', query), ...headersOf(route)];
  const problem = {
    description: 'A problem (RFC 9457)',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/problem' } } },
  };
  return {
    summary,
    parameters,
    security: securityOf(allow),
    ...(takesBody ? { requestBody: { content: { [mediaTypeOf(body)]: { schema: body } } } } : {}),
    responses: {
      [String(status ?? 200)]: {
        description: summary,
        content: { [mediaTypeOf(answered)]: { schema: answered } },
      },
      default: problem,
    },
  };
}

/** A schema with an id stands among the components under that id. */
function schemaOf(answer: Answer, { referTo, schemas }: MessageSchemas): JsonSchema {
  if (!('message' in answer)) {
    const made = z.toJSONSchema(answer, { unrepresentable: 'any' }) as JsonSchema;
    const { $defs: defined = {}, ...schema } = made;
    delete schema['$schema'];
    const name = answer.meta()?.id;
    if (name === undefined) return schema;
    schemas[name] = (defined as Record<string, JsonSchema>)[name] ?? schema;
    return { $ref: `#/components/schemas/${name}` };
  }
  const message = referTo(answer.message);
  if (answer.paged !== true) return message;
  const properties = { items: { type: 'array', items: message }, nextCursor: { type: ['string', 'null'] } };
  return { type: 'object', properties, required: ['items', 'nextCursor'], additionalProperties: false };
}

/** The format of a schema distinguishes bytes from JSON. */
function mediaTypeOf(body: { format?: unknown } | undefined): string {
  return body?.format === 'binary' ? 'application/octet-stream' : 'application/json';
}

function parametersOf(place: 'path' | 'query', schema: InputSchema | undefined) {
  return Object.entries(schema?.properties ?? {}).map(([name, type]) => ({
    name,
    in: place,
    schema: type,
    required: place === 'path' || (schema?.required ?? []).includes(name),
  }));
}

function headersOf({ method, ifMatch }: RestRoute) {
  const header = (name: string, description: string, required = false) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  const key = header('Idempotency-Key', 'The same request under the same key is carried out once');
  const match = header('If-Match', 'The ETag of the version that is changed', ifMatch === 'required');
  const isChange = method === 'put' || method === 'patch' || method === 'delete';
  return [...(method === 'get' ? [] : [key]), ...(ifMatch !== undefined || isChange ? [match] : [])];
}
