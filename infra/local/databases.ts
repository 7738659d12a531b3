import { randomBytes } from 'node:crypto';
import { connectPostgres } from '@aeo/platform/postgres';

/**
 * Makes one database with one login of its own for a service, named `aeo_<administration>_<service>`, if it is not
 * there. The login gets a new password each time.
 *
 * @returns the address with which the service connects
 */
export async function createDatabase(
  serverUrl: string,
  administration: string,
  service: string,
): Promise<string> {
  const name = `aeo_${administration}_${service.replaceAll('-', '_')}`;
  if (!/^[a-z0-9_]+$/.test(name)) throw new Error(`${name} is not a name for a database`);
  const password = randomBytes(16).toString('hex');
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
