-- Rule sets as they were loaded; a version never changes its content.
CREATE TABLE rule_set (
  rule_set_id text NOT NULL,
  version integer NOT NULL,
  mandatory jsonb NOT NULL,
  content_hash bytea NOT NULL,
  loaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (rule_set_id, version)
);

-- Scores of one purpose, in the order in which they became known, and whether the threshold in force selected them.
ALTER TABLE recorded_score ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE recorded_score ADD COLUMN purpose integer NOT NULL DEFAULT 2;
ALTER TABLE recorded_score ALTER COLUMN purpose DROP DEFAULT;
ALTER TABLE recorded_score ADD COLUMN selected boolean NOT NULL DEFAULT false;
ALTER TABLE recorded_score DROP CONSTRAINT recorded_score_pkey;
ALTER TABLE recorded_score ADD PRIMARY KEY (declaration_id, purpose);
CREATE INDEX recorded_score_newest ON recorded_score (purpose, id);
CREATE INDEX recorded_score_window ON recorded_score (purpose, declared_on);

-- What controls found, with the probability of their selection: without it no share of all goods can be estimated.
CREATE TABLE control_feedback (
  control_id text PRIMARY KEY,
  declaration_id text NOT NULL,
  declared_on date NOT NULL,
  kind smallint NOT NULL,
  outcome smallint NOT NULL,
  selection smallint NOT NULL,
  probability_ppm integer NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX control_feedback_day ON control_feedback (declared_on);
