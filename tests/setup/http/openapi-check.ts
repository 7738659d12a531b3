import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { mutualTlsRequest } from '@aeo/platform/http';
import type { TlsFiles } from '@aeo/platform/grpc';

type Operation = { responses: Record<string, { content?: Record<string, unknown> }> };
export type OpenApi = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};

export type Exchange = { method: string; path: string; status: number; body: unknown };

/**
 * Compares answers with an OpenAPI document.
 *
 * @returns what is wrong with an answer that was JSON; nothing where it is as described
 */
export function openApiProblemsIn(document: OpenApi): (exchange: Exchange) => string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  ajv.addSchema(document, 'document');
  return ({ method, path, status, body }) => {
    const described = Object.keys(document.paths).find((each) =>
      patternOf(each).test(path.split('?')[0] ?? ''),
    );
    const operation = described === undefined ? undefined : document.paths[described]?.[method.toLowerCase()];
    // What is not there is refused without a description, and the service speaks of itself beside its contract.
    if (described === undefined || operation === undefined)
      return status >= 400 || !path.startsWith('/v1/') ? [] : [`${method} ${path} is not described`];
    const named = operation.responses[String(status)] === undefined ? 'default' : String(status);
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    const place = ['paths', described, method.toLowerCase(), 'responses', named, 'content', type, 'schema'];
    const validate = ajv.getSchema(`document#/${place.map(escaped).join('/')}`);
    if (validate === undefined) return [`${method} ${described}: nothing is said of ${named} as ${type}`];
    if (validate(body) === true) return [];
    return (validate.errors ?? []).map(({ instancePath, message = '', params }) =>
      [`${method} ${described} ${status} ${instancePath}: ${message}`, JSON.stringify(params)].join(' '),
    );
  };
}

/** As a part of a JSON pointer in a URI (RFC 6901, 3 and 6). */
function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}

/**
 * Compares answers of a service with its own OpenAPI document.
 *
 * @returns throws an Error for an answer that is not so
 */
export async function ownOpenApiAssertion(
  port: number,
  tls: TlsFiles,
): Promise<(exchange: Exchange) => void> {
  const url = `https://localhost:${port}/openapi.json`;
  const { body } = await mutualTlsRequest(url, { tls, timeoutMs: 5_000, bytesMax: 2_000_000 });
  const described = openApiProblemsIn(JSON.parse(body.toString()) as OpenApi);
  return (exchange) => {
    const problems = described(exchange);
    if (problems.length > 0) throw new Error(`not as described: ${problems.join('; ')}`);
  };
}
