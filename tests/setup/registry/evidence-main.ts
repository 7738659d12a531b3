import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { postgresEvidenceStore } from '../../../services/aeo-registry/src/adapters/evidence-store.postgres.ts';
import { inPieces, limits, megabyte, pdf } from './evidence-contract.ts';

/** Stores a file in a process of its own, which is killed once a statement of that name was answered so many times. */
const [url = '', statement = '', times = '1'] = process.argv.slice(2);
const database = await connectPostgres({ url, applicationName: 'killed' });
let left = Number(times);

const killed: Pick<Database, 'query' | 'transaction'> = {
  query: (asked, values) => database.query(asked, values),
  transaction: (work) =>
    database.transaction((transaction) =>
      work({
        ...transaction,
        query: async (asked, values) => {
          const result = await transaction.query<never>(asked, values);
          if (typeof asked !== 'string' && asked.name === statement && (left -= 1) === 0)
            process.kill(process.pid, 'SIGKILL');
          return result;
        },
      }),
    ),
};
await postgresEvidenceStore(killed).put(inPieces(pdf(megabyte, 9)), limits);
await database.stop();
