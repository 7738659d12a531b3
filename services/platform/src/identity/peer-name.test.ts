import { expect, test } from 'vitest';
import { peerNameOn } from './peer-name.ts';

/** A connection that counts how often its certificate is parsed. */
function connection(name: string | string[] | undefined, authorized = true) {
  const count = { parsed: 0 };
  const getPeerCertificate = () => {
    count.parsed += 1;
    return name === undefined ? {} : { subject: { CN: name } as never };
  };
  return { socket: { authorized, remoteAddress: '127.0.0.1', remotePort: 4, getPeerCertificate }, count };
}

test('a certificate is parsed once for each connection', () => {
  const { socket, count } = connection('border-system');
  expect([peerNameOn(socket), peerNameOn(socket), peerNameOn(socket)]).toEqual(
    Array.from({ length: 3 }, () => 'border-system'),
  );
  expect(count.parsed).toBe(1);
});

test('another certificate on another connection from the same address is another caller', () => {
  const names = ['border-system', 'officer', 'border-system', 'other'];
  const connections = names.map((name) => connection(name).socket);
  expect(connections.map(peerNameOn)).toEqual(names);
  expect(connections.toReversed().map(peerNameOn)).toEqual(names.toReversed());
});

test.each([
  ['without TLS', {}],
  ['whose certificate is of no authority of ours', connection('border-system', false).socket],
  ['without a common name', connection(undefined).socket],
  ['with two common names', connection(['border-system', 'officer']).socket],
])('a connection %s has no name', (_, socket) => {
  expect(peerNameOn(socket)).toBe('');
  expect(peerNameOn(socket)).toBe('');
});

test('a connection that loses its authorization has no name any more', () => {
  const { socket } = connection('border-system');
  expect(peerNameOn(socket)).toBe('border-system');
  socket.authorized = false;
  expect(peerNameOn(socket)).toBe('');
});
