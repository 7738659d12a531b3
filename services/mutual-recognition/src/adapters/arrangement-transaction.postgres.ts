import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import type { ArrangementTransaction, Ports } from '../ports.ts';
import { acceptedListsOf } from './accepted-lists.postgres.ts';
import { issuedListStoreOf } from './issued-lists.postgres.ts';
import { listsAwaitingApprovalOf } from './lists-awaiting-approval.postgres.ts';
import { partnerOperatorsOf } from './partner-operators.postgres.ts';

/** Works in one transaction, which locks the row of the arrangement first. */
export function withArrangementIn(database: Database, append: AppendOutbox): Ports['withArrangement'] {
  return (id, work) =>
    database.transaction(async (transaction) => {
      await transaction.query('SELECT 1 FROM arrangement WHERE arrangement_id = $1 FOR UPDATE', [id]);
      return work(arrangementTransaction(transaction, id, append));
    });
}

/** The adapters bound to a transaction in which no other changes anything of the arrangement. */
export function arrangementTransaction(
  transaction: Transaction,
  id: string,
  append: AppendOutbox,
): ArrangementTransaction {
  return {
    accepted: acceptedListsOf(transaction, id),
    awaitingApproval: listsAwaitingApprovalOf(transaction, id),
    operators: partnerOperatorsOf(transaction, id),
    issued: issuedListStoreOf(transaction, id),
    appendToOutbox: (events) => append(transaction, events),
    afterCommit: (callback) => transaction.afterCommit(callback),
  };
}
