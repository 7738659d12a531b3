-- What an accepted list owes to the status topic, so that publishing it goes on after a stop. A suspension has times
-- of its own: it may come from a list that is not in force.
ALTER TABLE partner_operator
  ADD COLUMN suspension_decided_at text,
  ADD COLUMN suspension_effective_from text,
  ADD COLUMN suspension_received_at timestamptz,
  ADD COLUMN membership_owed boolean NOT NULL DEFAULT false,
  ADD COLUMN suspension_owed boolean NOT NULL DEFAULT false;
CREATE INDEX partner_operator_membership_owed ON partner_operator (arrangement_id, partner_operator_id)
  WHERE membership_owed;
CREATE INDEX partner_operator_suspension_owed ON partner_operator (arrangement_id, partner_operator_id)
  WHERE suspension_owed;

-- Lists whose absences wait for a second person. The rows go once nobody can decide on the list any more.
CREATE TABLE list_held (
  arrangement_id text NOT NULL,
  sequence bigint NOT NULL,
  header jsonb NOT NULL,
  signature text NOT NULL,
  header_hash text NOT NULL,
  between_headers jsonb NOT NULL,
  rows jsonb,
  removed integer NOT NULL,
  held_by text NOT NULL,
  held_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  salt bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()),
  PRIMARY KEY (arrangement_id, sequence)
);

CREATE TABLE list_decision (
  arrangement_id text NOT NULL,
  sequence bigint NOT NULL,
  decision text NOT NULL CHECK (decision IN ('released', 'refused')),
  decided_by text NOT NULL,
  reason text NOT NULL,
  decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  salt bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()),
  PRIMARY KEY (arrangement_id, sequence),
  FOREIGN KEY (arrangement_id, sequence) REFERENCES list_held
);

CREATE FUNCTION list_held_commitment(held list_held) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256(held.salt || convert_to(jsonb_build_array(
  held.arrangement_id, held.sequence, held.header, held.signature, held.header_hash, held.removed, held.held_by,
  extract(epoch FROM held.held_at))::text, 'UTF8'));
CREATE FUNCTION list_decision_commitment(made list_decision) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256(made.salt || convert_to(jsonb_build_array(
  made.arrangement_id, made.sequence, made.decision, made.decided_by, made.reason,
  extract(epoch FROM made.decided_at))::text, 'UTF8'));

-- Both heads a partner signed for one sequence: what it is held to.
CREATE TABLE list_equivocation (
  arrangement_id text NOT NULL,
  sequence bigint NOT NULL,
  known_header jsonb NOT NULL,
  known_signature text NOT NULL,
  other_header jsonb NOT NULL,
  other_signature text NOT NULL,
  other_hash text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (arrangement_id, sequence, other_hash)
);

-- Of old lists only the signed header is kept.
ALTER TABLE list_issued ALTER COLUMN rows DROP NOT NULL;
