-- Rows leave in the order of their ids, which is the order of commits for one key: writers of one aggregate are
-- serialised by its version. Published rows are deleted, so that a row that commits late is never passed over.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  headers jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Effects already had, by consumer; a row is written in the transaction of its effect.
CREATE TABLE inbox (
  consumer text NOT NULL,
  event_id text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, event_id)
);
