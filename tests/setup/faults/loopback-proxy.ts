import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type LoopbackProxy = {
  port: number;
  /** Closes every connection and refuses new ones, as a reset does. */
  cut(): void;
  /** Connections stay open and no byte passes in either direction, as behind a firewall that drops packets. */
  hang(): void;
  /** Requests pass and answers do not; a later cut loses the answers for good. */
  mute(): void;
  /** Passes everything on again; what hung continues where it stopped. */
  heal(): void;
  stop(): Promise<void>;
};

type State = 'open' | 'hung' | 'mute' | 'cut';

/** A proxy between clients and a server on this machine that a test can interrupt. */
export async function startLoopbackProxy(target: number, port = 0): Promise<LoopbackProxy> {
  let state: State = 'open';
  const [sockets, servers] = [new Set<Socket>(), new Set<Socket>()];
  const keep = (socket: Socket, isServer: boolean) => {
    sockets.add(socket);
    if (isServer) servers.add(socket);
    // A cut resets connections; the other side sees its own connection end.
    socket.on('error', () => undefined);
    socket.once('close', () => (sockets.delete(socket), servers.delete(socket)));
    if (state === 'hung' || (state === 'mute' && isServer)) socket.pause();
  };
  const server = createServer((client) => {
    if (state === 'cut') return void client.destroy();
    const upstream = connect(target, '127.0.0.1');
    join(client, upstream, () => state);
    join(upstream, client, () => state);
    keep(client, false);
    keep(upstream, true);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    state = 'cut';
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    hang: () => {
      state = 'hung';
      for (const socket of sockets) socket.pause();
    },
    mute: () => {
      state = 'mute';
      for (const socket of servers) socket.pause();
    },
    heal: () => {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes bytes on, no faster than the other side reads them. */
function join(from: Socket, to: Socket, state: () => State): void {
  from.on('data', (bytes) => {
    if (to.write(bytes)) return;
    from.pause();
    to.once('drain', () => state() === 'open' && from.resume());
  });
  from.once('end', () => to.end()).once('close', () => to.destroy());
}
