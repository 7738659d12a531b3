import type { ChainProof } from '@aeo/platform/proof';

/** The audit rows, which are the registry's events, as an auditor proves them. */
export const sealedAudit: ChainProof = {
  stream: 'audit',
  source: 'SELECT id::text AS subject, audit_commitment(audit) AS commitment FROM audit',
};
