import { evidenceContract } from '../../../../tests/setup/registry/evidence-contract.ts';
import { memoryEvidenceStore } from './evidence-store.memory.ts';

const files: NonNullable<Parameters<typeof memoryEvidenceStore>[0]> = new Map();
const store = memoryEvidenceStore(files);

evidenceContract(() => ({
  store,
  contents: () => Promise.resolve(files.size),
  damage: (sha256) => {
    const [first] = files.get(sha256)!.chunks;
    first!.writeUInt8(first!.readUInt8(100) ^ 1, 100);
    return Promise.resolve();
  },
}));
