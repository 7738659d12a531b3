import { openApiOf, restRoute } from '@aeo/platform/http';
import { protoFolder } from '@aeo/proto';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { Certificate } from '../../services/aeo-registry/src/domain/certificate/certificate.ts';
import type { IdentifierClaim } from '../../services/aeo-registry/src/domain/operator/event.ts';
import type { ApplicationView } from '../../services/aeo-registry/src/domain/application/application-view.ts';
import type { HistoryEntry } from '../../services/aeo-registry/src/domain/operator/history.ts';
import type { Operator } from '../../services/aeo-registry/src/domain/operator/operator.ts';
import type { Effort, Questionnaire } from '@aeo/programmes';
import type * as answers from '../../services/aeo-registry/src/edge/rest/answers.ts';
import type * as records from '../../services/aeo-registry/src/edge/rest/record-answers.ts';
import { createApp as createRegistry } from '../../services/aeo-registry/src/app.ts';
import { createApp as createClearance } from '../../services/clearance-priority/src/app.ts';
import { openApiProblemsIn, type OpenApi } from '../setup/http/openapi-check.ts';

/** No handler runs here, so no port needs a working part. */
const registry = createRegistry({} as never);
const clearance = createClearance({ settings: {} } as never, undefined);

const documents = [
  openApiOf('registry', [...registry.routes, ...registry.uploads], protoFolder),
  openApiOf('clearance', clearance.routes, protoFolder),
] as OpenApi[];

test('every route describes its answer', () => {
  const answers = documents.flatMap(({ paths }) =>
    Object.values(paths).flatMap((operations) => Object.values(operations)),
  );
  expect(answers.length).toBeGreaterThan(40);
  for (const { responses } of answers) {
    const [content] = Object.entries(responses).flatMap(([status, { content }]) =>
      status === 'default' ? [] : [content ?? {}],
    );
    expect(Object.values(content ?? {})).toEqual([{ schema: expect.any(Object) as unknown }]);
  }
});

test('every schema that is referred to exists', () => {
  for (const document of documents) {
    const named = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    const missing = [...named].flatMap(([, name = '']) =>
      name in document.components.schemas ? [] : [name],
    );
    expect(missing).toEqual([]);
  }
});

test.each([
  [{ status: 200, body: { epoch: '1', number: '7' } }, []],
  [{ status: 200, body: { epoch: 1 } }, ['get /v1/planted/{id} 200 /epoch: must be string']],
  [{ status: 200, body: { more: '' } }, ['get /v1/planted/{id} 200 : must NOT have additional properties']],
  [{ status: 400, body: { code: 'A' } }, ['get /v1/planted/{id} 400 : must have required property']],
])('an answer that differs from its description is found: %j', (exchange, expected) => {
  const route = restRoute({
    method: 'get',
    path: '/v1/planted/{id}',
    summary: 'Planted',
    allow: { roles: ['officer'] },
    answer: { message: 'aeo.common.v1.StatusVersion' },
    handle: () => Promise.resolve({}),
  });
  const described = openApiProblemsIn(openApiOf('planted', [route], protoFolder) as OpenApi);
  const found = described({ method: 'get', path: '/v1/planted/1?a=b', ...exchange });
  expect(found.length > 0).toBe(expected.length > 0);
  for (const each of expected) expect(found.join('\n')).toContain(each);
});

type Of<Answer extends z.ZodType> = z.output<Answer>;

/** Where what is shown and its description part, this does not compile. */
const shownAsDescribed = [
  (shown: ApplicationView): Of<typeof answers.applicationAnswer> => shown,
  (shown: Certificate): Of<typeof answers.certificate> => shown,
  (shown: HistoryEntry[]): Of<typeof answers.historyAnswer>['entries'] => shown,
  (
    shown: Omit<Operator, 'applications' | 'profile'>,
  ): Pick<Of<typeof records.recordAnswer>, keyof typeof shown> => shown,
  (
    shown: IdentifierClaim[],
  ): Omit<Of<typeof records.recordAnswer>['profile']['identifiers'][0], 'standing'>[] => shown,
  (shown: Questionnaire & { effort: Effort }): Pick<Of<typeof records.questionsAnswer>, keyof typeof shown> =>
    shown,
];

test('the domain types fit the schemas of their answers', () => {
  const anything = {};
  for (const shown of shownAsDescribed) expect(shown(anything as never)).toBe(anything);
});
