import { randomBytes } from 'node:crypto';
import { connectPostgres } from '@aeo/platform/postgres';

/** Database and login of a service of an administration have one name. */
export function databaseName(administration: string, service: string): string {
  return `aeo_${administration}_${service.replaceAll('-', '_')}`;
}

/**
 * Makes one database with one login of its own for a service, named `aeo_<administration>_<service>`, if it is not
 * there. The login gets a new password each time, unless it is given one.
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
