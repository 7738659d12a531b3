import { createHash } from 'node:crypto';
import type { EvidenceDescription, EvidenceStore } from '../ports.ts';
import { evidenceDamaged } from './evidence-damaged.ts';
import { receiveEvidence } from './evidence-intake.ts';

type Held = EvidenceDescription & { chunks: Buffer[] };

/** Evidence in memory, for tests. */
export function memoryEvidenceStore(files = new Map<string, Held>()): EvidenceStore {
  return {
    put: async (content, limits) => {
      const chunks: Buffer[] = [];
      const received = await receiveEvidence(content, limits, (chunk) =>
        Promise.resolve(void chunks.push(chunk)),
      );
      if (received.kind === 'stored') files.set(received.sha256, { ...received, chunks });
      return received;
    },
    open: (sha256) => {
      const found = files.get(sha256);
      if (found === undefined) return Promise.resolve(undefined);
      const whole = Buffer.concat(found.chunks);
      const intact = createHash('sha256').update(whole).digest('hex') === sha256;
      return intact ? Promise.resolve(pieces(found.chunks)) : Promise.reject(evidenceDamaged(sha256));
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
