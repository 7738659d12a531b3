-- A declaration version is a probe or it is goods, at every stage: the key says which, beside its content.
ALTER TABLE decision_key ADD COLUMN probe boolean NOT NULL DEFAULT false;
UPDATE decision_key SET probe = true FROM ledger
  WHERE ledger.probe AND (ledger.declaration_id, ledger.version, ledger.revision)
    = (decision_key.declaration_id, decision_key.version, decision_key.revision);
