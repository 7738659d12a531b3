-- The random draw of a consignment, made once on the day of its first acceptance and never again.
CREATE TABLE consignment (
  consignment_key text PRIMARY KEY,
  day date NOT NULL,
  key_id text NOT NULL,
  probability_ppm integer NOT NULL,
  value_ppm integer NOT NULL,
  selected boolean NOT NULL
);

-- One decision for each revision of a declaration version: this primary key arbitrates between nodes.
CREATE TABLE decision_key (
  declaration_id text NOT NULL,
  version integer NOT NULL,
  revision integer NOT NULL,
  stage smallint NOT NULL,
  content_hash bytea NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (declaration_id, version, revision)
);

-- The benefit ledger: what was decided, on which record, and whose status counted. Rows are never changed.
CREATE TABLE ledger (
  declaration_id text NOT NULL,
  version integer NOT NULL,
  revision integer NOT NULL,
  decided_at timestamptz NOT NULL,
  probe boolean NOT NULL,
  provisional boolean NOT NULL,
  office text NOT NULL,
  declared_on date NOT NULL,
  lane smallint NOT NULL,
  lane_without_status smallint NOT NULL,
  selection smallint NOT NULL,
  no_benefit smallint[] NOT NULL,
  credited_source text NOT NULL,
  credited_tier text NOT NULL,
  credited_role smallint NOT NULL,
  credited_operator text NOT NULL,
  size_class smallint NOT NULL,
  salt bytea NOT NULL,
  record bytea NOT NULL,
  PRIMARY KEY (declaration_id, version, revision)
);

-- The revision that stands for each declaration version.
CREATE VIEW standing_decision AS
  SELECT DISTINCT ON (declaration_id, version) * FROM ledger
  ORDER BY declaration_id, version, revision DESC;

-- Declarations whose newest decision will be made again; gone once a final one stands.
CREATE TABLE provisional (
  declaration_id text NOT NULL,
  version integer NOT NULL,
  stage smallint NOT NULL,
  probe boolean NOT NULL,
  degraded boolean NOT NULL,
  operators text[] NOT NULL,
  declaration bytea NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (declaration_id, version)
);
CREATE INDEX provisional_operators ON provisional USING gin (operators);

CREATE TABLE control (
  control_id text PRIMARY KEY,
  declaration_id text NOT NULL,
  version integer NOT NULL,
  kind smallint NOT NULL,
  outcome smallint NOT NULL,
  duration_minutes integer NOT NULL,
  finding_class text NOT NULL,
  probe boolean NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX control_of_declaration ON control (declaration_id, version);
