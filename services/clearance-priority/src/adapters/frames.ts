import { crc32 } from 'node:zlib';

const marker = Buffer.from('SPL1');
const headerBytes = marker.length + 8;

/** A payload behind a marker, its length and its CRC-32, all big-endian. */
export function frameOf(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(headerBytes);
  marker.copy(header);
  header.writeUInt32BE(payload.length, marker.length);
  header.writeUInt32BE(crc32(payload), marker.length + 4);
  return Buffer.concat([header, payload]);
}

/** All whole payloads, and how many gaps lie between them: a write that was cut short costs its own frame alone. */
export function framesOf(bytes: Buffer): { payloads: Buffer[]; torn: number } {
  const payloads: Buffer[] = [];
  let torn = 0;
  let inGap = false;
  for (let at = 0; at < bytes.length;) {
    const payload = payloadAt(bytes, at);
    if (payload !== undefined) {
      payloads.push(payload);
      at += headerBytes + payload.length;
      inGap = false;
      continue;
    }
    if (!inGap) torn += 1;
    inGap = true;
    const next = bytes.indexOf(marker, at + 1);
    at = next < 0 ? bytes.length : next;
  }
  return { payloads, torn };
}

function payloadAt(bytes: Buffer, at: number): Buffer | undefined {
  const start = at + headerBytes;
  if (start > bytes.length || !bytes.subarray(at, at + marker.length).equals(marker)) return undefined;
  const end = start + bytes.readUInt32BE(at + marker.length);
  if (end > bytes.length) return undefined;
  const payload = bytes.subarray(start, end);
  return crc32(payload) === bytes.readUInt32BE(at + marker.length + 4) ? payload : undefined;
}
