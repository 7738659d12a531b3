import { createConnection } from 'node:net';
import { userInfo } from 'node:os';
import type { Readable } from 'node:stream';
import type { ContainerRuntimeClient } from 'testcontainers';

/** What a container is made of; ports are the same inside and on this machine's loopback. */
export type ContainerSpec = {
  name: string;
  image: string;
  command: string[];
  env: Record<string, string>;
  ports: number[];
};

type RunningContainer = {
  logs: Readable;
  /** Fulfilled with its exit code when it has ended. */
  ended: Promise<number>;
  /** Stops it, kills it after the bound, and removes it with its data. */
  remove: (boundMs: number) => Promise<void>;
};

/** A container engine of this machine. Containers carry their owner's name, so that a later start finds them. */
export type Engine = {
  /** Pulls an image that this machine does not have. */
  pull: (image: string) => Promise<void>;
  run: (spec: ContainerSpec, owner: string) => Promise<RunningContainer>;
  /** Removes what a killed start of this owner left, and returns how many that were. */
  removeOwned: (owner: string) => Promise<number>;
};

const ownerLabel = 'aeo.stack';

/**
 * The engine that answers here: the one of `DOCKER_HOST`, else that of the usual sockets.
 *
 * @throws Error with the commands that mend it
 */
export async function connectEngine(): Promise<Engine> {
  // Loaded only where containers are used: it is large.
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  let client: ContainerRuntimeClient;
  try {
    client = await getContainerRuntimeClient();
  } catch (error) {
    throw new Error(await noEngine(), { cause: error });
  }
  const { host } = client.info.containerRuntime;
  if (host !== 'localhost')
    throw new Error(
      `The container engine is at ${host}: its ports would be open to that network, so only one on this machine's ` +
        'loopback is used. Start without containers: npm start',
    );
  return {
    pull: (image) => pull(image, () => client.image.pull(ImageName.fromString(image))),
    run: (spec, owner) => run(client, spec, owner),
    removeOwned: (owner) => removeOwned(client, owner),
  };
}

async function pull(image: string, pulling: () => Promise<void>): Promise<void> {
  try {
    await pulling();
  } catch (error) {
    const why = (error as Error).message;
    throw new Error(
      `The image ${image} cannot be pulled (${why}). Once this works, start again: docker pull ${image}. ` +
        'Without containers: npm start',
      { cause: error },
    );
  }
}

async function run(
  client: ContainerRuntimeClient,
  { image, command, env, ports }: ContainerSpec,
  owner: string,
): Promise<RunningContainer> {
  const onLoopback = (port: number) => [{ HostIp: '127.0.0.1', HostPort: String(port) }];
  const byPort = <T>(value: (port: number) => T) =>
    Object.fromEntries(ports.map((port) => [`${port}/tcp`, value(port)]));
  const container = await client.container.create({
    Image: image,
    Cmd: command,
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Labels: { [ownerLabel]: owner },
    ExposedPorts: byPort(() => ({})),
    HostConfig: { PortBindings: byPort(onLoopback) },
  });
  const ended = () => container.wait().then(({ StatusCode }: { StatusCode: number }) => StatusCode);
  const remove = async (boundMs: number) => {
    // In whole seconds; a container that has ended or never started cannot be stopped.
    await container.stop({ t: Math.ceil(boundMs / 1_000) }).catch(() => undefined);
    await container.remove({ force: true, v: true });
  };
  try {
    await client.container.start(container);
    return { logs: await client.container.logs(container), ended: ended(), remove };
  } catch (error) {
    await remove(0);
    throw error;
  }
}

async function removeOwned(client: ContainerRuntimeClient, owner: string): Promise<number> {
  const { dockerode } = client.container;
  const left = await dockerode.listContainers({ all: true, filters: { label: [`${ownerLabel}=${owner}`] } });
  for (const { Id } of left) await dockerode.getContainer(Id).remove({ force: true, v: true });
  return left.length;
}

const socket = '/var/run/docker.sock';

/** Why no engine answers, as far as its socket shows. */
export async function noEngine(host = process.env['DOCKER_HOST'] ?? '', path = socket): Promise<string> {
  const otherwise = 'The default needs no engine: npm start';
  if (host !== '')
    return `No container engine answers at DOCKER_HOST=${host}. Once this works, start again: docker info. ${otherwise}`;
  return `No container engine answers here: ${byCode[await codeOf(path)] ?? byCode['none']} ${otherwise}`;
}

const byCode: Record<string, string> = {
  ENOENT: `there is no ${socket}. Install one as root: apt-get update && apt-get install -y docker.io.`,
  EACCES: `${socket} is not open to you. As root: usermod -aG docker ${userInfo().username}, then log in again.`,
  ECONNREFUSED: 'its daemon is not running. Start it as root: systemctl start docker.',
  none: 'once this works, start again: docker info.',
};

function codeOf(path: string): Promise<string> {
  return new Promise((resolve) => {
    const connection = createConnection({ path });
    connection.once('connect', () => (connection.destroy(), resolve('none')));
    connection.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'none'));
  });
}
