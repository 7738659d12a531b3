-- One row for each operator with everything the registry knows of it; the version is that of the published status.
CREATE TABLE operator (
  operator_id text PRIMARY KEY,
  version bigint NOT NULL,
  state jsonb NOT NULL
);

-- The audit row is the event. Nothing changes or removes one.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operator_id text NOT NULL,
  version bigint NOT NULL,
  actor text NOT NULL,
  event jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX audit_of_operator ON audit (operator_id, id);

-- Raised by a restore before anything is published.
CREATE TABLE epoch (number bigint NOT NULL);
INSERT INTO epoch VALUES (1);
