import { AppError } from '@aeo/platform/errors';
import { consumerOf, type BoundConsumer } from '@aeo/platform/kafka';
import { declaration, topics } from '@aeo/proto';
import { decideDeclaration } from '../../application/deciding/decide-declaration.ts';
import { readRequest } from '../../application/declaration/read-request.ts';
import type { Batcher } from '../../ports.ts';

/** The same decision, asynchronously. A redelivery finds the record; without the database the partition waits. */
export const declarationLodged = (batcher: Batcher): BoundConsumer =>
  consumerOf({
    topic: topics.declarationLodged.name,
    decode: (value) => declaration.DeclarationLodged.decode(value),
    handle: async (message, { correlationId }) => {
      const request = readRequest(message, correlationId);
      const { decidedAt } = await decideDeclaration(batcher, request, 'record');
      if (decidedAt === undefined) throw new AppError('unavailable', 'UNAVAILABLE', 'not recorded yet');
    },
  });
