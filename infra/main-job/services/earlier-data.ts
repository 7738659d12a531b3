import { connectPostgres } from '@aeo/platform/postgres';
import { Kafka, logLevel } from 'kafkajs';
import type { Endpoints } from '../../local/stack-types.ts';
import { administration, partnerAdministration } from './administrations.ts';

/**
 * A run begins with new data. On existing servers nothing is deleted, so the data of an earlier run prevent this one.
 *
 * @throws Error naming the data and what to do
 */
export async function refuseEarlierData(endpoints: Endpoints): Promise<void> {
  const found = [...(await databasesOf(endpoints.postgresUrl)), ...(await topicsOf(endpoints.kafkaBrokers))];
  if (found.length === 0) return;
  const [first] = found;
  throw new Error(
    `There are data of an earlier run: ${first} and ${found.length - 1} more databases or topics. ` +
      'Continue it by --keep, or drop them first.',
  );
}

const ours = [administration, partnerAdministration];

async function databasesOf(url: string): Promise<string[]> {
  const server = await connectPostgres({ url, applicationName: 'main-job', connectionsMax: 1 });
  try {
    const { rows } = await server.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datname ~ ('^aeo_(' || $1 || ')_') ORDER BY datname",
      [ours.join('|')],
    );
    return rows.map(({ datname }) => `database ${datname}`);
  } finally {
    await server.stop();
  }
}

async function topicsOf(brokers: string): Promise<string[]> {
  const kafka = new Kafka({
    clientId: 'main-job',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = await admin.listTopics();
    return topics
      .filter((topic) => ours.some((each) => topic.startsWith(`${each}.`)))
      .sort()
      .map((topic) => `topic ${topic}`);
  } finally {
    await admin.disconnect();
  }
}
