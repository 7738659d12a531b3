import { createHash } from 'node:crypto';
import type { EvidenceDescription, EvidenceStore } from '../ports.ts';
import { damaged } from './evidence-damaged.ts';
import { takeIn } from './evidence-intake.ts';

type Held = EvidenceDescription & { chunks: Buffer[] };

/** Evidence for tests, gone with the process. */
export function memoryEvidenceStore(files = new Map<string, Held>()): EvidenceStore {
  return {
    put: async (content, limits) => {
      const chunks: Buffer[] = [];
      const taken = await takeIn(content, limits, (chunk) => Promise.resolve(void chunks.push(chunk)));
      if (taken.kind === 'stored') files.set(taken.sha256, { ...taken, chunks });
      return taken;
    },
    open: (sha256) => {
      const found = files.get(sha256);
      if (found === undefined) return Promise.resolve(undefined);
      const whole = Buffer.concat(found.chunks);
      const intact = createHash('sha256').update(whole).digest('hex') === sha256;
      return intact ? Promise.resolve(pieces(found.chunks)) : Promise.reject(damaged(sha256));
    },
    has: (sha256) => {
      const found = files.get(sha256);
      return Promise.resolve(found && { bytes: found.bytes, mediaType: found.mediaType });
    },
  };
}

async function* pieces(chunks: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}
