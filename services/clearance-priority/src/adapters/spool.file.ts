import { mkdirSync } from 'node:fs';
import { appendFile, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { declaration } from '@aeo/proto';
import type { ProvisionalRow, Spool } from '../ports.ts';

const open = 'spool.bin';
const taken = 'spool.taken.bin';

/**
 * Declarations decided while the database was away, in a file of length-delimited messages. A drain first renames
 * the file, so that what arrives meanwhile starts a new one, and removes it only after everything was taken.
 */
export function fileSpool(directory: string): Spool {
  mkdirSync(directory, { recursive: true });
  let writing: Promise<void> = Promise.resolve();
  const inOrder = (work: () => Promise<void>) => (writing = writing.then(work, work));
  return {
    keep: ({ declaration: declared, stage, probe }) => {
      const message = { declaration: declared, stage, probe, lodgedAt: undefined };
      const bytes = declaration.DeclarationLodged.encode(message).finish();
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return inOrder(() =>
        appendFile(join(directory, open), Buffer.concat([length, bytes]), { flush: true }),
      );
    },
    drain: async (take) => {
      const files = await readdir(directory);
      if (!files.includes(taken)) {
        if (!files.includes(open)) return 0;
        await inOrder(() => rename(join(directory, open), join(directory, taken)));
      }
      const rows = rowsOf(await readFile(join(directory, taken)));
      await take(rows);
      await rm(join(directory, taken));
      return rows.length;
    },
  };
}

/** A message cut short by a crash is the last one, and was never answered as kept. */
function rowsOf(bytes: Buffer): ProvisionalRow[] {
  const rows: ProvisionalRow[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (at + 4 + length > bytes.length) break;
    const message = declaration.DeclarationLodged.decode(bytes.subarray(at + 4, at + 4 + length));
    if (message.declaration)
      rows.push({ declaration: message.declaration, stage: message.stage, probe: message.probe });
    at += 4 + length;
  }
  return rows;
}
