import { createHashTable } from './hash-table.ts';
import {
  createPackedReader,
  createPackedWriter,
  type PackedReader,
  type PackedWriter,
} from './packed-bytes.ts';
import { createSlab } from './slab.ts';

/** How records of one kind are packed, and by what they are found. */
export type Packing<T> = {
  keyOf(record: T): string;
  /** Other texts a record is found by; several records may share one. */
  claimsOf(record: T): readonly string[];
  /** Everything but the key. */
  write(record: T, to: PackedWriter): void;
  read(key: string, from: PackedReader): T;
};

/** Records by key and by claim, held as bytes: a million of them are no work for the garbage collector. */
export type PackedStore<T> = {
  get(key: string): T | undefined;
  /** Replaces what is held under its key. */
  put(record: T): void;
  /** Every record that makes this claim, in no order. */
  claimants(claim: string): T[];
  values(): Iterable<T>;
  size(): number;
};

export function createPackedStore<T>(packing: Packing<T>): PackedStore<T> {
  const slab = createSlab();
  const writer = createPackedWriter();
  /** A record keeps its number for good; where its bytes lie may change. */
  const places = createPlaces();
  const [keys, claims] = [createHashTable(), createHashTable()];

  const readerOf = (number: number) => {
    const { piece, start } = slab.at(places.at(number));
    return createPackedReader(piece, start);
  };
  const read = (number: number): T => {
    const reader = readerOf(number);
    return packing.read(reader.text(), reader);
  };
  const packed = (record: T): Uint8Array => {
    writer.clear();
    writer.text(packing.keyOf(record));
    packing.write(record, writer);
    return writer.bytes();
  };
  const numberOf = (key: string) => keys.find(key, (number) => readerOf(number).text() === key)[0];
  const replace = (number: number, record: T) => {
    const [before, after] = [claimSet(packing, read(number)), claimSet(packing, record)];
    places.set(number, slab.replace(places.at(number), packed(record)));
    for (const claim of before) if (!after.has(claim)) claims.remove(claim, number);
    for (const claim of after) if (!before.has(claim)) claims.add(claim, number);
  };
  return {
    get(key) {
      const number = numberOf(key);
      return number === undefined ? undefined : read(number);
    },
    put(record) {
      const held = numberOf(packing.keyOf(record));
      if (held !== undefined) return replace(held, record);
      const number = places.add(slab.add(packed(record)));
      keys.add(packing.keyOf(record), number);
      for (const claim of claimSet(packing, record)) claims.add(claim, number);
    },
    claimants(claim) {
      const found: T[] = [];
      claims.find(claim, (number) => {
        const record = read(number);
        const makes = packing.claimsOf(record).includes(claim);
        if (makes) found.push(record);
        return makes;
      });
      return found;
    },
    *values() {
      for (let number = 0; number < places.size(); number += 1) yield read(number);
    },
    size: () => places.size(),
  };
}

function claimSet<T>(packing: Packing<T>, record: T): Set<string> {
  return new Set(packing.claimsOf(record));
}

const placesGrowth = 1.25;

function createPlaces() {
  let places = new Uint32Array(1_024);
  let count = 0;
  return {
    at: (number: number) => places[number] ?? 0,
    set: (number: number, place: number) => void (places[number] = place),
    add(place: number): number {
      if (count === places.length) {
        const larger = new Uint32Array(Math.ceil(places.length * placesGrowth));
        larger.set(places);
        places = larger;
      }
      places[count] = place;
      count += 1;
      return count - 1;
    },
    size: () => count,
  };
}
