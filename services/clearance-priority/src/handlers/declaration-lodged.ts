import { AppError } from '@aeo/platform/errors';
import { consumerOf, type BoundConsumer } from '@aeo/platform/kafka';
import { declaration, topics } from '@aeo/proto';
import type { Batcher } from '../batcher.ts';
import { readRequest } from './read-declaration.ts';

/** The same decision, asynchronously. A redelivery finds the record; without the database the partition waits. */
export const declarationLodged = (batcher: Batcher): BoundConsumer =>
  consumerOf({
    topic: topics.declarationLodged.name,
    decode: (value) => declaration.DeclarationLodged.decode(value),
    handle: async (message, { correlationId }) => {
      const result = await batcher.assess(readRequest(message, correlationId));
      if (result instanceof AppError) throw result;
      if (result.decidedAt === undefined)
        throw new AppError('unavailable', 'UNAVAILABLE', 'not recorded yet');
    },
  });
