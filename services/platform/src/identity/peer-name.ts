import type { PeerCertificate } from 'node:tls';

/** What is read of a TLS connection; a connection without TLS has neither member. */
export type PeerSocket = { authorized?: boolean; getPeerCertificate?: () => Partial<PeerCertificate> };

const names = new WeakMap<PeerSocket, string>();

/**
 * The common name of the caller's certificate; empty on a connection without one of our authority. The certificate is
 * parsed once for each socket, at its first call. The name is never kept by the address of the peer: the next connection
 * from there can be another caller's.
 */
export function peerNameOn(socket: PeerSocket): string {
  if (socket.authorized !== true) return '';
  const known = names.get(socket);
  if (known !== undefined) return known;
  const name = socket.getPeerCertificate?.().subject?.CN;
  const single = typeof name === 'string' ? name : '';
  names.set(socket, single);
  return single;
}
