import { createReadStream, mkdirSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SnapshotStore } from '../application/status-view/snapshots.ts';

const fileName = 'status-view.snapshot';
const readBytes = 256_000;

/** The newest snapshot in a folder of this node's own. One that was not written to its end is never looked at. */
export function fileSnapshots(directory: string): SnapshotStore {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, fileName);
  const part = `${file}.part`;
  return {
    name: 'disk',
    read: async () => {
      const bytes = await stat(file).then(
        ({ size }) => size,
        () => undefined,
      );
      if (bytes === undefined) return undefined;
      return { bytes, chunks: createReadStream(file, { highWaterMark: readBytes }) };
    },
    write: async (chunks) => {
      const handle = await open(part, 'w');
      try {
        for await (const chunk of chunks) await handle.write(chunk);
        await handle.sync();
      } catch (error) {
        await handle.close();
        await rm(part, { force: true });
        throw error;
      }
      await handle.close();
      await rename(part, file);
    },
  };
}
