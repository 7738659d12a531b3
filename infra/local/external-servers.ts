import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';

/** The settings that name existing servers, used instead of those that the local stack starts. */
export type ServerSetting = 'KAFKA_BROKERS' | 'POSTGRES_URL' | 'REDIS_URL';

const timeoutMs = 3_000;
const answerMs = 4_000;
/** As in `SHOW server_version_num`: 15.0 is the oldest that supports what the migrations use. */
const oldestPostgres = 150_000;
const oldestRedis = 6;

/**
 * The address in a setting, once the server there has answered and can be used; undefined where the setting is not set.
 *
 * @throws Error naming the setting, the reason, and the command that starts without the setting
 */
export async function externalServer(setting: ServerSetting): Promise<string | undefined> {
  const address = process.env[setting] ?? '';
  if (address === '') return undefined;
  try {
    await within(checks[setting](address));
    return address;
  } catch (error) {
    const without = `Mend that, or start one of our own instead: env -u ${setting} npm start`;
    throw new Error(`${setting}=${withoutPassword(address)} cannot be used: ${reasonOf(error)}. ${without}`, {
      cause: error,
    });
  }
}

/** A server may accept connections and never answer. */
function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${answerMs / 1_000} s`)), answerMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const checks: Record<ServerSetting, (address: string) => Promise<void>> = {
  KAFKA_BROKERS: checkKafka,
  POSTGRES_URL: checkPostgres,
  REDIS_URL: checkRedis,
};

/** @throws Error when no broker answers, or the cluster advertises addresses at which no broker answers */
export async function checkKafka(brokers: string): Promise<void> {
  const list = brokers.split(',').map((each) => each.trim());
  const wrong = list.find((each) => !/^(\[[^\]]+\]|[^:]+):\d+$/.test(each));
  if (wrong !== undefined) throw new Error(`"${wrong}" is not host:port`);
  const limits = { connectionTimeout: timeoutMs, requestTimeout: timeoutMs, retry: { retries: 0 } };
  const admin = new Kafka({
    clientId: 'local-stack',
    brokers: list,
    logLevel: logLevel.NOTHING,
    ...limits,
  }).admin();
  try {
    await admin.connect();
    await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}

/** @throws Error when it does not answer, is too old, or its login may not create databases and roles */
export async function checkPostgres(url: string): Promise<void> {
  if (!/^postgres(ql)?:\/\//.test(url)) throw new Error('it does not begin with postgres://');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeoutMs });
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; login: string; may: boolean }>(
      `SELECT current_setting('server_version_num')::int AS version, rolname AS login,
              rolsuper OR (rolcreatedb AND rolcreaterole) AS may
         FROM pg_roles WHERE rolname = current_user`,
    );
    const [{ version = 0, login = '', may = false } = {}] = rows;
    if (version < oldestPostgres)
      throw new Error(
        `Postgres ${oldestPostgres / 10_000} or newer is needed, this is ${Math.floor(version / 10_000)}`,
      );
    if (!may)
      throw new Error(
        `its login may make no databases and logins; as its superuser: ALTER ROLE ${login} CREATEDB CREATEROLE`,
      );
  } finally {
    await client.end();
  }
}

/** @throws Error when it does not answer or is too old */
export async function checkRedis(url: string): Promise<void> {
  if (!/^rediss?:\/\//.test(url)) throw new Error('it does not begin with redis://');
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    protocol: 2,
    connectTimeout: timeoutMs,
    retryStrategy: () => null,
    enableReadyCheck: false,
    disableClientInfo: true,
  });
  let last: unknown;
  client.on('error', (error) => void (last ??= error));
  try {
    await client.connect();
    const version = /redis_version:([\d.]+)/.exec(await client.info('server'))?.[1] ?? '0';
    if (Number.parseInt(version, 10) < oldestRedis)
      throw new Error(`Redis ${oldestRedis} or newer is needed, this is ${version}`);
  } catch (error) {
    throw last ?? error;
  } finally {
    client.disconnect();
  }
}

function reasonOf(error: unknown): string {
  const { message = '', code } = error as { message?: string; code?: string };
  // Node leaves the message empty where it tried several addresses of one name.
  return (message === '' ? (code ?? String(error)) : message).trim().replace(/\.$/, '');
}

function withoutPassword(address: string): string {
  return address.replace(/(:\/\/[^:@/]*):[^@]*@/, '$1:…@');
}
