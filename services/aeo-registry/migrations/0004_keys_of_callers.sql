-- A key is its caller's own: it belongs to the certificate under which the call came, on whose behalf soever.
ALTER TABLE idempotency RENAME COLUMN actor TO caller;

-- Answers and events seen are forgotten by their age.
CREATE INDEX idempotency_by_age ON idempotency (answered_at);
CREATE INDEX inbox_by_age ON inbox (seen_at);
