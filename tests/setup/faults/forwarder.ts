import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Forwarder = { port: number; stop(): Promise<void> };

/**
 * Listens on this machine and opens a connection to the target for each one it accepts. Either side closes with the other.
 *
 * @param onConnection passes bytes on between the two
 */
export async function startForwarder(
  target: number,
  onConnection: (client: Socket, upstream: Socket) => void,
): Promise<Forwarder> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    closeTogether(client, upstream, sockets);
    closeTogether(upstream, client, sockets);
    onConnection(client, upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function closeTogether(socket: Socket, other: Socket, sockets: Set<Socket>): void {
  sockets.add(socket);
  // A process that is killed resets its connections, which is what the tests do to it.
  socket.on('error', () => undefined).once('close', () => sockets.delete(socket) && other.destroy());
}
