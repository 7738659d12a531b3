import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type LoopbackProxy = {
  port: number;
  /** Ends every connection and refuses new ones, as a cable that is cut and noticed at once. */
  cut(): void;
  /** Connections stay and nothing moves in either direction, as behind a firewall that drops packets. */
  hang(): void;
  /** What clients send arrives, and no answer comes back; whoever cuts the way then has lost the answers for good. */
  mute(): void;
  /** Lets everything through again; what hung goes on where it stopped. */
  heal(): void;
  stop(): Promise<void>;
};

type Way = 'open' | 'hung' | 'mute' | 'cut';

/** Stands between clients and a server on this machine, so that a test can take the way away and give it back. */
export async function startLoopbackProxy(target: number, port = 0): Promise<LoopbackProxy> {
  let way: Way = 'open';
  const [sockets, servers] = [new Set<Socket>(), new Set<Socket>()];
  const keep = (socket: Socket, isServer: boolean) => {
    sockets.add(socket);
    if (isServer) servers.add(socket);
    // A reset is what cutting is for; the other side is told by the end of its own connection.
    socket.on('error', () => undefined);
    socket.once('close', () => (sockets.delete(socket), servers.delete(socket)));
    if (way === 'hung' || (way === 'mute' && isServer)) socket.pause();
  };
  const server = createServer((client) => {
    if (way === 'cut') return void client.destroy();
    const upstream = connect(target, '127.0.0.1');
    join(client, upstream, () => way);
    join(upstream, client, () => way);
    keep(client, false);
    keep(upstream, true);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    way = 'cut';
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    hang: () => {
      way = 'hung';
      for (const socket of sockets) socket.pause();
    },
    mute: () => {
      way = 'mute';
      for (const socket of servers) socket.pause();
    },
    heal: () => {
      way = 'open';
      for (const socket of sockets) socket.resume();
    },
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Hands on what one side sends, no faster than the other takes it. */
function join(from: Socket, to: Socket, way: () => Way): void {
  from.on('data', (bytes) => {
    if (to.write(bytes)) return;
    from.pause();
    to.once('drain', () => way() === 'open' && from.resume());
  });
  from.once('end', () => to.end()).once('close', () => to.destroy());
}
