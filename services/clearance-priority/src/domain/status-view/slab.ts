/** Byte strings in a few large pieces of memory. A place stands for one of them as long as it is not replaced. */
export type Slab = {
  add(bytes: Uint8Array): number;
  /** Writes over what lies at a place, there or, where it has no room, elsewhere. @returns where it lies now */
  replace(place: number, bytes: Uint8Array): number;
  /** The piece of memory and where in it the bytes begin. */
  at(place: number): { piece: Buffer; start: number };
};

const pieceBits = 21;
const pieceBytes = 1 << pieceBits;
/** Room is given in units, so that a value that changes a little stays where it is; a byte before it tells how much. */
const unitBytes = 4;
const shortUnitsMax = 0xfe;
const longMark = 0xff;

export function createSlab(): Slab {
  const pieces: Buffer[] = [];
  let used = pieceBytes;
  /** Places nobody uses any more, by the room they have. */
  const free = new Map<number, number[]>();

  const unitsAt = (piece: Buffer, start: number) => {
    const short = piece[start] ?? 0;
    return short === longMark ? piece.readUInt32LE(start + 1) : short;
  };
  const place = (units: number): number => {
    const again = free.get(units)?.pop();
    if (again !== undefined) return again;
    const bytes = headerBytes(units) + units * unitBytes;
    if (bytes > pieceBytes) throw new Error(`a record of ${bytes} bytes is too large to be held`);
    if (used + bytes > pieceBytes) {
      pieces.push(Buffer.allocUnsafeSlow(pieceBytes));
      used = 0;
    }
    used += bytes;
    return (pieces.length - 1) * pieceBytes + used - bytes;
  };
  const located = (at: number) => {
    const piece = pieces[Math.floor(at / pieceBytes)];
    if (piece === undefined) throw new Error('nothing lies at that place');
    return { piece, start: at % pieceBytes };
  };
  const add = (bytes: Uint8Array): number => {
    const units = Math.ceil(bytes.length / unitBytes);
    const at = place(units);
    const { piece, start } = located(at);
    piece[start] = Math.min(units, longMark);
    if (units > shortUnitsMax) piece.writeUInt32LE(units, start + 1);
    piece.set(bytes, start + headerBytes(units));
    return at;
  };
  return {
    add,
    replace(at, bytes) {
      const { piece, start } = located(at);
      const units = unitsAt(piece, start);
      if (Math.ceil(bytes.length / unitBytes) === units) {
        piece.set(bytes, start + headerBytes(units));
        return at;
      }
      free.set(units, [...(free.get(units) ?? []), at]);
      return add(bytes);
    },
    at(place) {
      const { piece, start } = located(place);
      return { piece, start: start + headerBytes(unitsAt(piece, start)) };
    },
  };
}

function headerBytes(units: number): number {
  return units > shortUnitsMax ? 5 : 1;
}
