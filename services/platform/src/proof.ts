export { headHash, type SealedHead } from './proof/head.ts';
export { startSealer, type SealerOptions } from './proof/sealer.ts';
export { verifyChain, type ChainProof, type ChainReport } from './proof/verify.ts';
