import { AppError } from '@aeo/platform/errors';
import { consumerOf, type BoundConsumer } from '@aeo/platform/kafka';
import { declaration, topics } from '@aeo/proto';
import type { Batcher } from '../../application/deciding/batcher.ts';
import { decided } from '../../application/deciding/decide-declaration.ts';
import { readRequest } from '../../application/deciding/read-declaration.ts';

/** The same decision, asynchronously. A redelivery finds the record; without the database the partition waits. */
export const declarationLodged = (batcher: Batcher): BoundConsumer =>
  consumerOf({
    topic: topics.declarationLodged.name,
    decode: (value) => declaration.DeclarationLodged.decode(value),
    handle: async (message, { correlationId }) => {
      const { decidedAt } = await decided(batcher, readRequest(message, correlationId), 'record');
      if (decidedAt === undefined) throw new AppError('unavailable', 'UNAVAILABLE', 'not recorded yet');
    },
  });
