import type { Transaction } from '@aeo/platform/postgres';
import type { IdempotentAnswer, OperatorTransaction } from '../ports.ts';

const read = {
  name: 'idempotency-read',
  text: `SELECT key, request_hash AS "requestHash", answer FROM idempotency
         WHERE caller = $1 AND key = ANY ($2::text[])`,
};

/** In the order of keys, so that two writers of the same keys do not deadlock. */
const write = {
  name: 'idempotency-write',
  text: `INSERT INTO idempotency (caller, key, request_hash, answer)
         SELECT $1, given.* FROM unnest($2::text[], $3::bytea[], $4::bytea[]) AS given (key, hash, answer)
         ORDER BY given.key`,
};

/**
 * Answers by the caller's keys, written in the transaction of the change they answer. Of two concurrent first uses of a
 * key the later one waits and then fails with `conflict` VERSION_CONFLICT.
 */
export function idempotency(
  transaction: Transaction,
): Pick<OperatorTransaction, 'findIdempotentAnswers' | 'saveIdempotentAnswers'> {
  return {
    findIdempotentAnswers: async (caller, keys) => {
      if (keys.length === 0) return [];
      const { rows } = await transaction.query<IdempotentAnswer>(read, [caller, keys]);
      return rows;
    },
    saveIdempotentAnswers: async (caller, answers) => {
      if (answers.length === 0) return;
      const column = <Value>(value: (answer: IdempotentAnswer) => Value) => answers.map(value);
      await transaction.query(write, [
        caller,
        column(({ key }) => key),
        column(({ requestHash }) => requestHash),
        column(({ answer }) => answer),
      ]);
    },
  };
}
