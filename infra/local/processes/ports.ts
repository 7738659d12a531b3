import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { listenersOn } from './listeners.ts';

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * The port that a setting names, or a free one where it is not set.
 *
 * @throws Error naming the setting, who has the port, and the command that takes another
 */
export async function choosePort(setting: string): Promise<number> {
  const text = process.env[setting] ?? '';
  if (text === '') return freePort();
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new Error(`${setting} takes a port from 1 to 65535, not "${text}".`);
  const problem = await bindProblem(port);
  if (problem === undefined) return port;
  const other = `Take any free port: env -u ${setting} npm start`;
  if (problem !== 'EADDRINUSE')
    throw new Error(`${setting}: port ${port} cannot be used here (${problem}). ${other}`);
  throw new Error(`${setting}: ${takenBy(port)} ${other}`);
}

/** Says who has a port and how to end that. */
export function takenBy(port: number): string {
  const [holder] = listenersOn(port);
  return holder === undefined
    ? `port ${port} is taken; root sees by whom: ss -ltnp 'sport = :${port}'.`
    : `port ${port} is taken by process ${holder.pid} (${holder.name}). Stop that one: kill ${holder.pid}.`;
}

const attemptsMax = 3;

/**
 * Starts something that takes ports, with other ones where somebody else took them between choice and use. A port that
 * a setting names stays what it is, and the next choice says that it is taken.
 */
export async function withPorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === attemptsMax || !tellsOfTakenPort(error as Error)) throw error;
    }
  }
}

/** As Redis, Postgres, Java, Node and a container engine say it. */
function tellsOfTakenPort({ message }: Error): boolean {
  return /address already in use|port is already allocated|EADDRINUSE/i.test(message);
}

async function bindProblem(port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
  server.close();
  await once(server, 'close');
  return undefined;
}

export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
