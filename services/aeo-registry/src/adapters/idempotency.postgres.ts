import { AppError } from '@aeo/platform/errors';
import type { Transaction } from '@aeo/platform/postgres';
import type { Unit } from '../ports.ts';

type Row = { request_hash: Buffer; answer: Buffer };

/** Answers by the caller's keys, written in the transaction of the change they answer. */
export function idempotency(transaction: Transaction): Pick<Unit, 'recall' | 'remember'> {
  return {
    recall: async ({ actor, key, requestHash }) => {
      const { rows } = await transaction.query<Row>(
        {
          name: 'idempotency-read',
          text: 'SELECT request_hash, answer FROM idempotency WHERE actor = $1 AND key = $2',
        },
        [actor, key],
      );
      const [held] = rows;
      if (held !== undefined && !held.request_hash.equals(requestHash)) {
        const fields = [{ path: 'idempotency-key', code: 'KEY_REUSED' }];
        throw new AppError('conflict', 'KEY_REUSED', 'this key was used for another request', { fields });
      }
      return held?.answer;
    },
    remember: async ({ actor, key, requestHash }, answer) => {
      await transaction.query(
        {
          name: 'idempotency-write',
          text: 'INSERT INTO idempotency (actor, key, request_hash, answer) VALUES ($1, $2, $3, $4)',
        },
        [actor, key, requestHash, Buffer.from(answer)],
      );
    },
  };
}
