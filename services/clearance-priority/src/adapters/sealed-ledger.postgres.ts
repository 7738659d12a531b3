import type { ChainProof } from '@aeo/platform/proof';

/** What an auditor proves of the benefit ledger: every row as it was recorded, none gone, none slipped in. */
export const sealedLedger: ChainProof = {
  stream: 'ledger',
  source: `SELECT declaration_id || '/' || version || '/' || revision AS subject,
                  ledger_commitment(ledger) AS commitment FROM ledger`,
};
