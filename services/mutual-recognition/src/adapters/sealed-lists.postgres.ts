import type { ChainProof } from '@aeo/platform/proof';

/** The lists, and decisions on them, whose records an auditor proves. */
export const sealedLists: ChainProof = {
  stream: 'lists',
  source: `SELECT 'issued/' || arrangement_id || '/' || sequence AS subject,
                  list_issued_commitment(list_issued) AS commitment FROM list_issued
           UNION ALL
           SELECT 'received/' || arrangement_id || '/' || sequence,
                  list_received_commitment(list_received) FROM list_received
           UNION ALL
           SELECT 'held/' || arrangement_id || '/' || sequence, list_held_commitment(list_held) FROM list_held
           UNION ALL
           SELECT 'decided/' || arrangement_id || '/' || sequence,
                  list_decision_commitment(list_decision) FROM list_decision`,
};
