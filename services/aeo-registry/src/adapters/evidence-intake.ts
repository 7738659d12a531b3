import { createHash } from 'node:crypto';
import type { EvidenceLimits, EvidenceRefused, EvidenceStored } from '../ports.ts';
import { mediaTypeOf, type MediaType } from '@aeo/programmes/files';

/** The size of a chunk; the media type is detected from the first one. */
export const chunkBytesMax = 262_144;

const hexadecimal = /^[0-9a-f]{64}$/;

export function isSha256(name: string): boolean {
  return hexadecimal.test(name);
}

const refused = (reason: EvidenceRefused['reason']): EvidenceRefused => ({ kind: 'refused', reason });

/**
 * Reads a file and writes it in chunks, of which one is in memory. Each chunk is checked against the limits before it is
 * written; after a refusal nothing more is read.
 */
export async function receiveEvidence(
  content: AsyncIterable<Uint8Array>,
  { bytesMax, formats }: EvidenceLimits,
  write: (chunk: Buffer, position: number) => Promise<void>,
): Promise<EvidenceStored | EvidenceRefused> {
  const hash = createHash('sha256');
  let type: MediaType | undefined;
  let bytes = 0;
  let position = 0;
  for await (const chunk of chunksOf(content, bytesMax)) {
    bytes += chunk.length;
    if (bytes > bytesMax) return refused('EVIDENCE_TOO_LARGE');
    type ??= await mediaTypeOf(chunk);
    if (type === undefined || !formats.includes(type.format)) return refused('EVIDENCE_TYPE');
    hash.update(chunk);
    await write(chunk, position);
    position += 1;
  }
  if (type === undefined) return refused('EVIDENCE_EMPTY');
  return { kind: 'stored', sha256: hash.digest('hex'), bytes, mediaType: type.mediaType };
}

/** Chunks of the same size, the last one apart. Ends with the chunk that goes over the limit. */
async function* chunksOf(content: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    held.push(piece);
    heldBytes += piece.length;
    if (bytes > bytesMax) break;
    if (heldBytes < chunkBytesMax) continue;
    const whole = Buffer.concat(held);
    const rest = whole.length % chunkBytesMax;
    for (let from = 0; from < whole.length - rest; from += chunkBytesMax)
      yield whole.subarray(from, from + chunkBytesMax);
    held = rest === 0 ? [] : [whole.subarray(-rest)];
    heldBytes = rest;
  }
  // Over the limit this may be more than a chunk: it is refused and not written.
  if (heldBytes > 0) yield Buffer.concat(held);
}
