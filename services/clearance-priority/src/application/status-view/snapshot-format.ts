import { createHash, type Hash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { exchangeStatus, registryStatus } from '@aeo/proto';
import type { ListState } from '../../domain/status-view/list-switch.ts';
import type { ViewEntry } from '../../domain/status-view/view-entry.ts';
import { headText, readHead, type SnapshotHead } from './snapshot-head.ts';

const { OperatorStatus } = registryStatus;
const { ListActivated, PartnerStatus } = exchangeStatus;

/** A frame is its length (four bytes), its kind (one byte) and so many bytes; the first is the head, the last the digest. */
const kinds = { head: 1, operator: 2, partner: 3, blocked: 4, list: 5, end: 6 } as const;
const prefixBytes = 5;
const frameBytesMax = 8_000_000;
/** A few milliseconds' worth of work, after which others have their turn. */
const chunkBytes = 32_000;

/** A snapshot as bytes, a chunk at a time. The entries must not change while they are taken. */
export async function* encodeSnapshot(
  head: SnapshotHead,
  entries: Iterable<ViewEntry>,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let waiting: Buffer[] = [frame(kinds.head, Buffer.from(headText(head)))];
  let bytes = 0;
  const chunk = () => {
    const whole = Buffer.concat(waiting);
    hash.update(whole);
    [waiting, bytes] = [[], 0];
    return whole;
  };
  for (const entry of entries) {
    const next = frameOf(entry);
    waiting.push(next);
    bytes += next.length;
    if (bytes < chunkBytes) continue;
    yield chunk();
    await breathe();
  }
  yield chunk();
  yield frame(kinds.end, hash.digest());
}

export type SnapshotReading = {
  /** Called before any entry. It may throw: the snapshot is of something else. */
  onHead: (head: SnapshotHead) => void;
  onEntry: (entry: ViewEntry) => void;
};

/**
 * Reads a snapshot and hands its entries on as they come: only when this has ended are they known to be whole.
 *
 * @throws Error that states why the snapshot cannot be used; what was built from it has to be forgotten
 */
export async function readSnapshot(chunks: AsyncIterable<Buffer>, reading: SnapshotReading): Promise<void> {
  const hash = createHash('sha256');
  const progress = { head: false, ended: false };
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = readFrames(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), hash, progress, reading);
    await breathe();
  }
  if (!progress.ended || rest.length > 0) throw new Error('it is not whole');
}

type Progress = { head: boolean; ended: boolean };

/** Takes all whole frames and returns the bytes after them. */
function readFrames(bytes: Buffer, hash: Hash, progress: Progress, reading: SnapshotReading): Buffer {
  let at = 0;
  while (bytes.length - at >= prefixBytes) {
    const length = bytes.readUInt32BE(at);
    if (length > frameBytesMax) throw new Error('a frame is too long');
    const end = at + prefixBytes + length;
    if (end > bytes.length) break;
    if (progress.ended) throw new Error('something follows its end');
    const kind = bytes.readUInt8(at + prefixBytes - 1);
    const payload = bytes.subarray(at + prefixBytes, end);
    if (kind === kinds.end) {
      if (!hash.digest().equals(payload)) throw new Error('its checksum is another');
      progress.ended = true;
    } else {
      hash.update(bytes.subarray(at, end));
      readFrame(kind, payload, progress, reading);
    }
    at = end;
  }
  return bytes.subarray(at);
}

function readFrame(kind: number, payload: Buffer, progress: Progress, reading: SnapshotReading): void {
  if (kind === kinds.head) {
    reading.onHead(readHead(payload.toString()));
    progress.head = true;
    return;
  }
  if (!progress.head) throw new Error('it does not begin with its head');
  reading.onEntry(entryOf(kind, payload));
}

function frame(kind: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes + payload.length);
  bytes.writeUInt32BE(payload.length, 0);
  bytes.writeUInt8(kind, prefixBytes - 1);
  bytes.set(payload, prefixBytes);
  return bytes;
}

function frameOf(entry: ViewEntry): Buffer {
  switch (entry.kind) {
    case 'operator':
      return frame(kinds.operator, OperatorStatus.encode(entry.status).finish());
    case 'partner': {
      const partition = Buffer.alloc(4);
      partition.writeUInt32BE(entry.partition);
      const status = PartnerStatus.encode(entry.status).finish();
      return frame(kinds.partner, Buffer.concat([partition, status]));
    }
    case 'blocked-operator':
    case 'blocked-partner':
      return frame(kinds.blocked, Buffer.from(JSON.stringify(entry)));
    case 'list':
      return frame(kinds.list, Buffer.from(listText(entry.arrangementId, entry.list)));
  }
}

function entryOf(kind: number, payload: Buffer): ViewEntry {
  switch (kind) {
    case kinds.operator:
      return { kind: 'operator', status: OperatorStatus.decode(payload) };
    case kinds.partner: {
      const status = PartnerStatus.decode(payload.subarray(4));
      return { kind: 'partner', status, partition: payload.readUInt32BE(0) };
    }
    case kinds.blocked:
      return JSON.parse(payload.toString()) as ViewEntry;
    case kinds.list:
      return listOf(payload.toString());
    default:
      throw new Error(`a frame is of kind ${kind}`);
  }
}

type Activated = exchangeStatus.ListActivated;
type ListText = {
  arrangementId: string;
  current: string | null;
  markers: [number, string][];
  blocked: number[];
};

function listText(arrangementId: string, { current, markers, blocked }: ListState): string {
  const encoded = (marker: Activated) =>
    Buffer.from(ListActivated.encode(marker).finish()).toString('base64');
  const text: ListText = {
    arrangementId,
    current: current === undefined ? null : encoded(current),
    markers: markers.map(([partition, marker]) => [partition, encoded(marker)]),
    blocked,
  };
  return JSON.stringify(text);
}

function listOf(text: string): ViewEntry {
  const { arrangementId, current, markers, blocked } = JSON.parse(text) as ListText;
  const decoded = (marker: string) => ListActivated.decode(Buffer.from(marker, 'base64'));
  const list: ListState = {
    current: current === null ? undefined : decoded(current),
    markers: markers.map(([partition, marker]) => [partition, decoded(marker)]),
    blocked,
  };
  return { kind: 'list', arrangementId, list };
}
