-- Past declarations with a known outcome, one row for each item; the order of training is the order of the keys.
CREATE TABLE history_item (
  declaration_id text NOT NULL,
  item_number integer NOT NULL,
  declared_on date NOT NULL,
  office text NOT NULL,
  categories text[] NOT NULL,
  numbers double precision[] NOT NULL,
  finding boolean NOT NULL,
  PRIMARY KEY (declaration_id, item_number)
);

CREATE TABLE model (
  version bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model_id text NOT NULL UNIQUE,
  trained_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seed bigint NOT NULL,
  data_hash bytea NOT NULL,
  metrics jsonb NOT NULL,
  scorecard jsonb NOT NULL
);

-- Base scores, before any credit, from which thresholds are computed; each declaration once.
CREATE TABLE recorded_score (
  declaration_id text PRIMARY KEY,
  office text NOT NULL,
  declared_on date NOT NULL,
  base integer NOT NULL CHECK (base BETWEEN 0 AND 1000)
);

CREATE TABLE threshold_table (
  purpose integer NOT NULL,
  version bigint NOT NULL,
  record bytea NOT NULL,
  PRIMARY KEY (purpose, version)
);
