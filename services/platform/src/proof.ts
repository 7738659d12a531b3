export type { SealedHead } from './proof/head.ts';
export { startSealer } from './proof/sealer.ts';
export { verifyChain, type ChainProof } from './proof/verify.ts';
