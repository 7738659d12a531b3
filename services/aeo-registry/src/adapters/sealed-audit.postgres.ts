import type { ChainProof } from '@aeo/platform/proof';

/** What an auditor proves of the registry's audit rows, which are its events. */
export const sealedAudit: ChainProof = {
  stream: 'audit',
  source: 'SELECT id::text AS subject, audit_commitment(audit) AS commitment FROM audit',
};
