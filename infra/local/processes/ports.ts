import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { listenersOn } from './listeners.ts';

/** A port on which no process listens at this moment. */
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
 * @throws Error naming the setting, the process that has the port, and the command that takes another port
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
  throw new Error(`${setting}: ${portHolder(port)} ${other}`);
}

/** Names the process that has a port, with the command that stops it. */
function portHolder(port: number): string {
  const [holder] = listenersOn(port);
  return holder === undefined
    ? `port ${port} is taken; root sees by whom: ss -ltnp 'sport = :${port}'.`
    : `port ${port} is taken by process ${holder.pid} (${holder.name}). Stop that one: kill ${holder.pid}.`;
}

const attemptsMax = 3;

/**
 * Starts a program on ports that it chooses, and again on others where another process took one between choice and use.
 * A port that a setting names is not replaced: the next attempt reports that it is taken.
 */
export async function withPorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === attemptsMax || !isPortTaken(error as Error)) throw error;
    }
  }
}

/** As Redis, Postgres, Java, Node and a container engine report it. */
function isPortTaken({ message }: Error): boolean {
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
