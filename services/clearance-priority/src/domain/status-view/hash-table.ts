/** Text → numbers. Several numbers may stand under one text; the texts themselves are kept elsewhere. */
export type HashTable = {
  /** The pair must not be there yet. */
  add(text: string, number: number): void;
  remove(text: string, number: number): void;
  /** The numbers under a text, and under any other of the same hash: `holds` tells them apart. */
  find(text: string, holds: (number: number) => boolean): number[];
};

const empty = 0;
const removed = 0xffff_ffff;
const fullest = 0.75;
const growth = 1.5;

/** Open addressing with linear probing. Hashes are kept, so that growing reads no text. */
export function createHashTable(): HashTable {
  let entries = new Uint32Array(16);
  let hashes = new Uint32Array(16);
  /** Slots that are not empty, removed ones included: probing stops at empty ones alone. */
  let taken = 0;
  let live = 0;

  const insert = (hash: number, entry: number) => {
    let slot = hash % entries.length;
    while (entries[slot] !== empty) slot = slot + 1 === entries.length ? 0 : slot + 1;
    entries[slot] = entry;
    hashes[slot] = hash;
    taken += 1;
  };
  const makeRoom = () => {
    if (taken + 1 <= entries.length * fullest) return;
    const [oldEntries, oldHashes] = [entries, hashes];
    const capacity = Math.max(16, Math.ceil(((live + 1) / fullest) * growth));
    [entries, hashes, taken] = [new Uint32Array(capacity), new Uint32Array(capacity), 0];
    oldEntries.forEach((entry, slot) => {
      if (entry !== empty && entry !== removed) insert(oldHashes[slot] ?? 0, entry);
    });
  };
  /** Visits the slots that may hold a text, until one visit says that it is enough. */
  const probe = (hash: number, visit: (slot: number, number: number) => boolean) => {
    let slot = hash % entries.length;
    for (;;) {
      const entry = entries[slot] ?? empty;
      if (entry === empty) return;
      if (entry !== removed && hashes[slot] === hash && visit(slot, entry - 1)) return;
      slot = slot + 1 === entries.length ? 0 : slot + 1;
    }
  };
  return {
    add(text, number) {
      makeRoom();
      insert(hashOf(text), number + 1);
      live += 1;
    },
    remove(text, number) {
      probe(hashOf(text), (slot, found) => {
        if (found !== number) return false;
        entries[slot] = removed;
        live -= 1;
        return true;
      });
    },
    find(text, holds) {
      const found: number[] = [];
      probe(hashOf(text), (_, number) => {
        if (holds(number)) found.push(number);
        return false;
      });
      return found;
    },
  };
}

/** FNV-1a over UTF-16 code units, mixed once more so that neighbours do not lie side by side. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
