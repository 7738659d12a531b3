import { randomBytes } from 'node:crypto';
import { connectPostgres } from '@aeo/platform/postgres';

/** The name of both the database and the role of a service. */
export function databaseName(administration: string, service: string): string {
  return `aeo_${administration}_${service.replaceAll('-', '_')}`;
}

/**
 * Creates a database with a role of its own for a service, both named `aeo_<administration>_<service>`, if it does not
 * exist. The role gets a new password each time, unless the caller names one.
 *
 * @returns the address with which the service connects
 */
export async function createDatabase(
  serverUrl: string,
  administration: string,
  service: string,
  password = randomBytes(16).toString('hex'),
): Promise<string> {
  const name = databaseName(administration, service);
  if (!/^[a-z0-9_]+$/.test(name)) throw new Error(`${name} is not a name for a database`);
  if (!/^[a-zA-Z0-9]+$/.test(password)) throw new Error('a password is made of letters and digits');
  const server = await connectPostgres({ url: serverUrl, applicationName: 'local stack', connectionsMax: 1 });
  try {
    const { rowCount } = await server.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) {
      await server.query(`CREATE ROLE ${name} LOGIN`);
      await server.query(`CREATE DATABASE ${name} OWNER ${name}`);
      await server.query(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`);
    }
    await server.query(`ALTER ROLE ${name} PASSWORD '${password}'`);
  } finally {
    await server.stop();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  url.username = name;
  url.password = password;
  return url.href;
}
