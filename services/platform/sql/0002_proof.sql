-- What writers commit to, in the transaction of what they write. A row that commits late is never passed over: the
-- sealer takes rows away, it does not count on their ids.
CREATE TABLE proof_pending (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream text NOT NULL,
  subject text NOT NULL,
  commitment bytea NOT NULL CHECK (octet_length(commitment) = 32)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The leaves of one Merkle tree for each stream and month, in the order in which they were sealed.
CREATE TABLE proof_leaf (
  stream text NOT NULL,
  month text NOT NULL,
  position bigint NOT NULL,
  subject text NOT NULL,
  commitment bytea NOT NULL,
  PRIMARY KEY (stream, month, position)
);
CREATE UNIQUE INDEX proof_leaf_subject ON proof_leaf (stream, subject);

-- Signed heads, each with the hash of the one before it. The frontier lets the tree grow without its leaves.
CREATE TABLE proof_head (
  stream text NOT NULL,
  number bigint NOT NULL,
  month text NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  previous_hash bytea NOT NULL,
  sealed_at timestamptz NOT NULL,
  key_id text NOT NULL,
  signature bytea NOT NULL,
  frontier bytea[] NOT NULL,
  PRIMARY KEY (stream, number)
);
