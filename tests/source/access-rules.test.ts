import {
  httpApp,
  mutualTlsRequest,
  restRoute,
  serveHttp,
  type RestRoute,
  type Routes,
} from '@aeo/platform/http';
import { grpcService, type GrpcService } from '@aeo/platform/grpc';
import type { Rule } from '@aeo/platform/identity';
import * as contracts from '@aeo/proto';
import { expect, test } from 'vitest';
import { createApp as createRegistry } from '../../services/aeo-registry/src/app.ts';
import { createApp as createClearance } from '../../services/clearance-priority/src/app.ts';
import { createApp as createExchange } from '../../services/mutual-recognition/src/app.ts';
import { createApp as createRisk } from '../../services/risk-scoring/src/app.ts';
import { createTestCertificates } from '../setup/http/certificate-authority.ts';

/** No handler runs here, so no port needs a working part. */
const registry = createRegistry({} as never);
const clearance = createClearance({ settings: {} } as never, undefined);
const partner = { administration: 'partner' };
const exchange = createExchange({
  arrangement: { id: 'arrangement', partner },
  signer: { keys: () => Promise.resolve({ keys: [] }) },
} as never);
const risk = createRisk({} as never);
const services = [registry, clearance, exchange, risk].flatMap((app) => app.services);
const routes = [...registry.routes, ...registry.uploads, ...clearance.routes];

/** A rule that names nobody lets nobody in, and is a mistake all the same. */
function namesSomebody(rule: Rule | undefined): boolean {
  const { certificates, roles = [] } = rule ?? {};
  return certificates === 'any' || (certificates ?? []).length + roles.length > 0;
}

const rulelessMethods = (all: readonly GrpcService[]) =>
  all.flatMap(({ definition, rules }) =>
    Object.entries(definition).flatMap(([name, { path }]) => (namesSomebody(rules[name]) ? [] : [path])),
  );

const rulelessRoutes = (all: readonly RestRoute[]) =>
  all.flatMap(({ method, path, allow }) => (namesSomebody(allow) ? [] : [`${method} ${path}`]));

test('every method of every contract is served under an access rule', () => {
  const definitions = Object.values(contracts).flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) =>
      name.endsWith('ServiceService') ? [value as object] : [],
    ),
  );
  expect(definitions.length).toBeGreaterThanOrEqual(4);
  expect(new Set(services.map(({ definition }) => definition))).toEqual(new Set(definitions));
  expect(rulelessMethods(services)).toEqual([]);
});

test('every route has an access rule', () => {
  expect(routes.length).toBeGreaterThanOrEqual(13);
  expect(rulelessRoutes(routes)).toEqual([]);
});

test('a planted method without a rule is found, and its types do not allow it', () => {
  const { definition } = exchange.services[0]!;
  const handle = () => Promise.resolve({});
  const ruled = { allow: { certificates: ['officer'] }, handle };
  const names = Object.keys(definition);
  const unary = Object.fromEntries(names.map((name) => [name, ruled]));
  expect(rulelessMethods([grpcService(definition, { unary })])).toEqual([]);
  const [, second = ''] = names;
  const path = definition[second]?.path;
  // @ts-expect-error A method says who may call it.
  const planted = grpcService(definition, { unary: { ...unary, [second]: { handle } } });
  const empty = grpcService(definition, { unary: { ...unary, [second]: { allow: {}, handle } } });
  expect(rulelessMethods([planted, empty])).toEqual([path, path]);
});

test('the check finds a route without an access rule, and the types refuse it', () => {
  const route = {
    method: 'get',
    path: '/v1/planted',
    summary: 'Planted',
    answer: { message: 'aeo.common.v1.StatusVersion' },
    handle: () => Promise.resolve({}),
  } as const;
  // @ts-expect-error A route says who may call it.
  const planted = restRoute(route);
  const empty = restRoute({ ...route, allow: {} });
  expect(rulelessRoutes([planted, empty])).toEqual(['get /v1/planted', 'get /v1/planted']);
  expect(rulelessRoutes([restRoute({ ...route, allow: { roles: ['officer'] } })])).toEqual([]);
});

/** Routes that a service adds by hand, by method and path. */
function addedByHand(add: Routes): [string, string][] {
  const found: [string, string][] = [];
  const record = (method: string) => (path: string) => void found.push([method, path]);
  const methods = ['get', 'post', 'put', 'patch', 'delete'].map((method) => [method, record(method)]);
  add({ ...Object.fromEntries(methods), use: () => undefined } as never);
  return found;
}

/** Those that answer a caller who is not the partner. */
async function openToStrangers(add: Routes): Promise<string[]> {
  const tls = await createTestCertificates('here', 'stranger');
  const ignore = () => undefined;
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const app = httpApp({ routes: add, unready: () => [], logger });
  const server = await serveHttp(app, { port: 0, tls: tls.here });
  try {
    const open = [];
    for (const [method, path] of addedByHand(add)) {
      const url = `https://localhost:${server.port}${path.replaceAll(/:\w+/g, '1')}`;
      const asked = { tls: tls.stranger, method: method.toUpperCase(), timeoutMs: 5_000, bytesMax: 100_000 };
      if ((await mutualTlsRequest(url, asked)).status !== 403) open.push(`${method} ${path}`);
    }
    return open;
  } finally {
    await server.stop();
  }
}

test('a caller that is not the partner can read only the public keys', async () => {
  expect(addedByHand(exchange.routes).length).toBeGreaterThanOrEqual(5);
  const keys = 'get /.well-known/jwks.json';
  expect(await openToStrangers(exchange.routes)).toEqual([keys]);
  const planted: Routes = (router) => {
    exchange.routes(router);
    router.get('/mra/v1/planted', (_request, response) => void response.send({}));
  };
  expect(await openToStrangers(planted)).toEqual([keys, 'get /mra/v1/planted']);
});
