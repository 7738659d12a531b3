import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { chunkBytesMax } from '../../../services/aeo-registry/src/adapters/evidence-intake.ts';
import type { EvidenceStore } from '../../../services/aeo-registry/src/ports.ts';

/** A store under test, and a hand that changes what it has stored. */
export type TestEvidenceStore = {
  store: EvidenceStore;
  /** How many files it keeps the bytes of. */
  contents: () => Promise<number>;
  /** Changes a byte of a stored file behind the store's back. */
  damage: (sha256: string) => Promise<void>;
};

export const megabyte = 1_000_000;
export const limits = { bytesMax: 10 * megabyte, formats: ['pdf', 'png'] };

/** A file that begins as a PDF does, of so many bytes, which differ by the seed. */
export function pdf(bytes: number, seed = 0): Buffer {
  const content = Buffer.alloc(bytes, `${seed} of all that a firm may hand in `);
  content.write('%PDF-1.7\n');
  return content;
}

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A file as it comes over a network; `read` counts what was taken of it. */
export function inPieces(content: Uint8Array, pieceBytes = 65_536) {
  const counted = { read: 0 };
  async function* pieces() {
    for (let from = 0; from < content.length; from += pieceBytes) {
      const piece = content.subarray(from, from + pieceBytes);
      counted.read += piece.length;
      yield await Promise.resolve(piece);
    }
  }
  return Object.assign(pieces(), { counted });
}

export const sha256Of = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

export async function wholeOf(content: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content ?? []) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What every store of evidence does, the fake as the real one. */
export function evidenceContract(at: () => TestEvidenceStore): void {
  // The store at hand is there once the tests run, which is after they are named.
  const store: EvidenceStore = {
    put: (content, allowed) => at().store.put(content, allowed),
    open: (sha256) => at().store.open(sha256),
    has: (sha256) => at().store.has(sha256),
  };
  storing(store, at);
  refusing(store, at);
  damaging(store, at);
}

function storing(store: EvidenceStore, at: () => TestEvidenceStore): void {
  const sizes = [9, chunkBytesMax - 1, chunkBytesMax, chunkBytesMax + 1, 3 * chunkBytesMax, megabyte];
  test.each(sizes)('%i bytes come back as they were, under their hash', async (bytes) => {
    const content = pdf(bytes, 1);
    const sha256 = sha256Of(content);
    expect(await store.put(inPieces(content, 100_003), limits)).toEqual({
      kind: 'stored',
      sha256,
      bytes,
      mediaType: 'application/pdf',
    });
    expect(await store.has(sha256)).toEqual({ bytes, mediaType: 'application/pdf' });
    expect((await wholeOf(await store.open(sha256))).equals(content)).toBe(true);
  });

  test('it makes no difference in which pieces a file comes', async () => {
    const content = pdf(2 * chunkBytesMax + 7, 2);
    const before = await at().contents();
    for (const pieceBytes of [997, chunkBytesMax, content.length])
      expect(await store.put(inPieces(content, pieceBytes), limits)).toMatchObject({
        sha256: sha256Of(content),
      });
    expect(await at().contents()).toBe(before + 1);
  });

  test('the same file at the same time is stored once, and every sender gets that answer', async () => {
    const content = pdf(megabyte, 3);
    const before = await at().contents();
    const results = await Promise.all([1, 2, 3].map(() => store.put(inPieces(content), limits)));
    expect(results.map((each) => each.kind)).toEqual(['stored', 'stored', 'stored']);
    expect(await at().contents()).toBe(before + 1);
    expect((await wholeOf(await store.open(sha256Of(content)))).equals(content)).toBe(true);
  });

  test('of a name that nothing has, nothing is known', async () => {
    for (const name of ['0'.repeat(64), 'ABC', '', '../etc/passwd', `${'0'.repeat(64)}00`])
      expect([await store.has(name), await store.open(name)]).toEqual([undefined, undefined]);
  });
}

function refusing(store: EvidenceStore, at: () => TestEvidenceStore): void {
  const text = Buffer.from('an agreement, signed');
  test.each([
    ['nothing at all', Buffer.alloc(0), 'EVIDENCE_EMPTY'],
    ['a text', text, 'EVIDENCE_TYPE'],
    ['a program', Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01'), Buffer.alloc(200)]), 'EVIDENCE_TYPE'],
    ['a page that has a PDF inside', Buffer.from('<html>%PDF-1.7</html>'), 'EVIDENCE_TYPE'],
  ])('%s is refused and leaves nothing', async (_, content, reason) => {
    const before = await at().contents();
    expect(await store.put(inPieces(content), limits)).toEqual({ kind: 'refused', reason });
    expect([await at().contents(), await store.has(sha256Of(content))]).toEqual([before, undefined]);
  });

  test('only formats of the list are taken', async () => {
    expect(await store.put(inPieces(png), limits)).toMatchObject({ mediaType: 'image/png' });
    expect(await store.put(inPieces(png), { ...limits, formats: ['pdf'] })).toEqual({
      kind: 'refused',
      reason: 'EVIDENCE_TYPE',
    });
  });

  test('the last byte that is allowed is taken, and one more is refused', async () => {
    const bytesMax = chunkBytesMax + 100;
    const put = (bytes: number) => store.put(inPieces(pdf(bytes, 4), 1_000), { ...limits, bytesMax });
    expect(await put(bytesMax)).toMatchObject({ kind: 'stored', bytes: bytesMax });
    const before = await at().contents();
    expect(await put(bytesMax + 1)).toEqual({ kind: 'refused', reason: 'EVIDENCE_TOO_LARGE' });
    expect(await at().contents()).toBe(before);
  });

  test('of fifty megabytes where ten are the limit, ten and a piece are read', async () => {
    const content = inPieces(pdf(50 * megabyte, 5));
    const before = await at().contents();
    expect(await store.put(content, limits)).toEqual({ kind: 'refused', reason: 'EVIDENCE_TOO_LARGE' });
    expect(content.counted.read).toBeGreaterThan(limits.bytesMax);
    expect(content.counted.read).toBeLessThanOrEqual(limits.bytesMax + 65_536);
    expect(await at().contents()).toBe(before);
  });

  test('of what is of another format, a beginning is read', async () => {
    const content = inPieces(Buffer.alloc(5 * megabyte, 'a text '));
    expect(await store.put(content, limits)).toEqual({ kind: 'refused', reason: 'EVIDENCE_TYPE' });
    expect(content.counted.read).toBeLessThanOrEqual(chunkBytesMax + 65_536);
  });

  test('a sender that breaks off leaves nothing', async () => {
    async function* broken() {
      yield await Promise.resolve(pdf(2 * chunkBytesMax, 6));
      throw new Error('the connection is gone');
    }
    const before = await at().contents();
    await expect(store.put(broken(), limits)).rejects.toThrow('the connection is gone');
    expect(await at().contents()).toBe(before);
  });
}

function damaging(store: EvidenceStore, at: () => TestEvidenceStore): void {
  test('a file that was changed is refused, until it is handed in again', async () => {
    const content = pdf(megabyte, 7);
    const sha256 = sha256Of(content);
    await store.put(inPieces(content), limits);
    const before = await at().contents();
    await at().damage(sha256);
    await expect(store.open(sha256)).rejects.toMatchObject({ code: 'internal', reason: 'EVIDENCE_DAMAGED' });
    await store.put(inPieces(content), limits);
    expect((await wholeOf(await store.open(sha256))).equals(content)).toBe(true);
    expect(await at().contents()).toBe(before);
  });
}
