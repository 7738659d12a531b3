import { expect, test } from 'vitest';
import { messageSchemas } from './message-schemas.ts';

const inProto = () => messageSchemas('proto/src');

test('a message is described with all messages that it contains, in the form of protobuf’s JSON', () => {
  const { schemas, referTo } = inProto();
  expect(referTo('aeo.registry.v1.RecordFactsRequest')).toEqual({
    $ref: '#/components/schemas/aeo.registry.v1.RecordFactsRequest',
  });
  expect(schemas).toMatchObject({
    'aeo.registry.v1.RecordFactsRequest': {
      properties: {
        operatorId: { type: 'string' },
        facts: { additionalProperties: { $ref: '#/components/schemas/aeo.registry.v1.FactValue' } },
      },
    },
    'aeo.registry.v1.FactValue': { properties: { truth: { type: 'boolean' }, number: { type: 'number' } } },
  });
});

test('times, numbers of 64 bits, closed lists and lists of messages have the forms of protobuf’s JSON', () => {
  const { schemas, referTo } = inProto();
  referTo('aeo.registry.v1.DecideApplicationResponse');
  expect(schemas['aeo.registry.v1.DecideApplicationResponse']).toMatchObject({
    properties: {
      answeredAt: { type: 'string', format: 'date-time' },
      criteria: { type: 'array', items: { $ref: '#/components/schemas/aeo.registry.v1.CriterionResult' } },
    },
  });
  expect(schemas['aeo.common.v1.StatusVersion']).toMatchObject({ properties: { epoch: { type: 'string' } } });
  expect(schemas['aeo.registry.v1.CriterionOutcome']).toMatchObject({
    enum: expect.arrayContaining(['CRITERION_OUTCOME_NOT_MET']) as unknown,
  });
});

test('a message that the contracts do not have is an error', () => {
  expect(() => inProto().referTo('aeo.registry.v1.Nothing')).toThrow('no message aeo.registry.v1.Nothing');
});
