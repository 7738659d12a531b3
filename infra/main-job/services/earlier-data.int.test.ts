import { connectPostgres } from '@aeo/platform/postgres';
import { expect, inject, test } from 'vitest';
import { refuseEarlierData } from './earlier-data.ts';

test('a database that an earlier run left stops a new one, until it is dropped', async () => {
  const stack = inject('stack');
  const server = await connectPostgres({
    url: stack.postgresUrl,
    applicationName: 'tests',
    connectionsMax: 1,
  });
  await server.query('CREATE DATABASE aeo_partner_left_behind');
  await expect(refuseEarlierData(stack)).rejects.toThrow(/aeo_partner_left_behind.*--keep/);
  await server.query('DROP DATABASE aeo_partner_left_behind');
  await server.stop();
});
