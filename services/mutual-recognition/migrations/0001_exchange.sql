-- Serialises everything that is done under an arrangement, and holds the partner's keys as first met.
CREATE TABLE arrangement (
  arrangement_id text PRIMARY KEY,
  partner_keys jsonb
);

-- Lists received and accepted. A list is in force once its activation was published.
CREATE TABLE list_received (
  arrangement_id text NOT NULL,
  sequence bigint NOT NULL,
  header jsonb NOT NULL,
  signature text NOT NULL,
  header_hash text NOT NULL,
  listed integer NOT NULL,
  recognised integer NOT NULL,
  partition_counts integer[] NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  activated_at timestamptz,
  PRIMARY KEY (arrangement_id, sequence)
);

-- What we know of each partner operator; row is null once it left the list.
CREATE TABLE partner_operator (
  arrangement_id text NOT NULL,
  partner_operator_id text NOT NULL,
  version bigint NOT NULL,
  row jsonb,
  slots jsonb NOT NULL,
  suspension_version bigint NOT NULL,
  suspension_status text NOT NULL,
  PRIMARY KEY (arrangement_id, partner_operator_id)
);

-- Lists that changed nothing, and why.
CREATE TABLE list_refusal (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  arrangement_id text NOT NULL,
  code text NOT NULL,
  sequence bigint,
  refused_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE list_issued (
  arrangement_id text NOT NULL,
  sequence bigint NOT NULL,
  header jsonb NOT NULL,
  signature text NOT NULL,
  header_hash text NOT NULL,
  rows jsonb NOT NULL,
  issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (arrangement_id, sequence)
);

CREATE TABLE acknowledgement (
  arrangement_id text NOT NULL,
  sequence bigint NOT NULL,
  peer text NOT NULL,
  outcome text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (arrangement_id, sequence, peer)
);

-- Raised by a restore before anything is published.
CREATE TABLE epoch (number bigint NOT NULL);
INSERT INTO epoch VALUES (1);
