import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appendLeaf, emptyFrontier, merkleRoot } from './merkle.ts';

const rootOf = (leaves: Uint8Array[]) => merkleRoot(leaves.reduce(appendLeaf, emptyFrontier));
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** The definition of RFC 6962, section 2.1, word for word. */
function defined(leaves: Uint8Array[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return sha256(Buffer.from([0]), first);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.from([1]), defined(leaves.slice(0, split)), defined(leaves.slice(split)));
}

// Leaves and roots as in the test vectors published with the reference implementation of certificate transparency.
const vectors = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

test.each([
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
])('the root of %i known leaves is the published one', (count, root) => {
  expect(rootOf(vectors.slice(0, count)).toString('hex')).toBe(root);
});

test('the root of any leaves is the one of the definition', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 }), (leaves) => {
      expect(rootOf(leaves)).toEqual(defined(leaves));
    }),
  );
});
