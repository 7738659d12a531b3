-- Records a batch of decisions in one commit. A row is written only if
-- - no other node recorded that revision before;
-- - its draw is the one stored for the consignment, and the one that holds for the declaration: an amendment with
--   another transport document is not drawn anew once an earlier version was selected;
-- - it does not replace a decision on goods of which a control was recorded;
-- - the status behind a benefit is young enough by the database's clock, read after all rows that are waited for are
--   locked: a process that slept, or a statement that waited for a lock, grants no benefit late.
-- $1 is the greatest age of a status in ms, $2 an array of candidates, whose members are the columns of input.

WITH
-- A wait for a lock is a race that may be lost; meanwhile the status behind a benefit grows old.
limits AS MATERIALIZED (
  SELECT set_config('lock_timeout', '300ms', true) AS lock_timeout
),
-- The candidates, read once the limit is set.
input AS MATERIALIZED (
  SELECT input.*
  FROM limits JOIN json_to_recordset($2) AS input (
    ordinal integer,
    consignment_key text, day date, key_id text, probability_ppm integer, value_ppm integer, selected boolean,
    declaration_id text, version integer, revision integer, stage smallint, content_hash bytea,
    benefit_as_of timestamptz, probe boolean, provisional boolean, open boolean, again boolean,
    office text, declared_on date, lane smallint, lane_without_status smallint, selection smallint,
    record bytea, no_benefit smallint[],
    credited_source text, credited_tier text, credited_role smallint, credited_operator text, size_class smallint,
    salt bytea, degraded boolean, operators text[], declaration bytea,
    event_id text, topic text, partition integer, key text, headers text
  ) ON limits.lock_timeout <> ''
),
-- The draw of each consignment: the one stored, else the first one here. The update locks the row.
drawn AS (
  INSERT INTO consignment AS held (consignment_key, day, key_id, probability_ppm, value_ppm, selected)
  SELECT DISTINCT ON (consignment_key) consignment_key, day, key_id, probability_ppm, value_ppm, selected
  FROM input ORDER BY consignment_key
  ON CONFLICT (consignment_key) DO UPDATE SET day = held.day
  RETURNING consignment_key, day, key_id, probability_ppm, value_ppm, selected
),
-- The consignment whose draw holds for each declaration: once one selected, it stays.
declared AS (
  INSERT INTO declaration_draw AS held (declaration_id, consignment_key, selected)
  SELECT DISTINCT ON (declaration_id) declaration_id, consignment_key, drawn.selected
  FROM input JOIN drawn USING (consignment_key) ORDER BY declaration_id, version
  ON CONFLICT (declaration_id) DO UPDATE SET selected = held.selected OR excluded.selected,
    consignment_key = CASE WHEN held.selected THEN held.consignment_key ELSE excluded.consignment_key END
  RETURNING declaration_id, consignment_key
),
-- The first revision of each version is the row that controls and new revisions lock in turn.
first AS MATERIALIZED (
  SELECT held.declaration_id, held.version, held.controlled
  FROM input JOIN decision_key AS held USING (declaration_id, version)
  WHERE input.revision > 1 AND held.revision = 1
  ORDER BY held.declaration_id, held.version
  FOR NO KEY UPDATE OF held
),
-- The database's clock, read once all these rows are locked.
clock AS MATERIALIZED (
  SELECT clock_timestamp() AS at
  FROM (SELECT count(*) FROM declared) AS all_declared, (SELECT count(*) FROM first) AS all_first
),
-- Whether each candidate agrees with what is stored, and whether the status behind it is too old.
judged AS MATERIALIZED (
  SELECT input.*, clock.at, coalesce(first.controlled, false) AS controlled,
         coalesce(clock.at - input.benefit_as_of > $1 * interval '1 millisecond', false) AS stale,
         (input.day, input.key_id, input.probability_ppm, input.value_ppm, input.selected)
           = (drawn.day, drawn.key_id, drawn.probability_ppm, drawn.value_ppm, drawn.selected)
         AND declared.consignment_key = input.consignment_key
         AND NOT (input.again AND coalesce(first.controlled, false)) AS agreed
  FROM input CROSS JOIN clock
  JOIN drawn ON drawn.consignment_key = input.consignment_key
  JOIN declared ON declared.declaration_id = input.declaration_id
  LEFT JOIN first ON first.declaration_id = input.declaration_id AND first.version = input.version
),
-- The key arbitrates between nodes: a revision that another node recorded first is not inserted.
keyed AS (
  INSERT INTO decision_key (declaration_id, version, revision, stage, content_hash, probe, decided_at)
  SELECT declaration_id, version, revision, stage, content_hash, probe, at
  FROM judged WHERE agreed AND NOT stale
  ORDER BY declaration_id, version
  ON CONFLICT DO NOTHING
  RETURNING declaration_id, version, revision
),
-- The candidates that are recorded.
won AS MATERIALIZED (
  SELECT judged.* FROM judged JOIN keyed USING (declaration_id, version, revision)
),
-- Their rows in the ledger.
kept AS (
  INSERT INTO ledger (declaration_id, version, revision, decided_at, probe, provisional, office, declared_on,
    lane, lane_without_status, selection, no_benefit, credited_source, credited_tier, credited_role,
    credited_operator, size_class, salt, record)
  SELECT declaration_id, version, revision, at, probe, provisional, office, declared_on, lane,
    lane_without_status, selection, no_benefit, credited_source, credited_tier, credited_role,
    credited_operator, size_class, salt, record
  FROM won
  RETURNING declaration_id || '/' || version || '/' || revision AS subject, ledger_commitment(ledger) AS commitment
),
-- Their commitments, to be sealed.
committed AS (
  INSERT INTO proof_pending (stream, subject, commitment) SELECT 'ledger', subject, commitment FROM kept
),
-- Their events; the value is the record itself.
published AS (
  INSERT INTO outbox (event_id, topic, partition, key, value, headers)
  SELECT event_id, topic, partition, key, record, headers::jsonb FROM won
),
-- The open ones, to be re-evaluated when a status changes or a degradation ends.
reopened AS (
  INSERT INTO provisional (declaration_id, version, stage, probe, degraded, operators, declaration, decided_at)
  SELECT declaration_id, version, stage, probe, degraded, operators, declaration, at
  FROM won WHERE open AND NOT controlled
  ON CONFLICT (declaration_id, version) DO UPDATE SET stage = excluded.stage, probe = excluded.probe,
    degraded = excluded.degraded, operators = excluded.operators, declaration = excluded.declaration,
    decided_at = excluded.decided_at
),
-- Open decisions that these close: those of the same version that are final now, and those of earlier versions.
closed AS (
  DELETE FROM provisional AS held USING won
  WHERE held.declaration_id = won.declaration_id
    AND (held.version < won.version OR held.version = won.version AND (won.controlled OR NOT won.open))
    AND NOT EXISTS (SELECT 1 FROM won AS kept WHERE kept.open AND NOT kept.controlled
                    AND kept.declaration_id = held.declaration_id AND kept.version = held.version)
)
SELECT judged.ordinal, won.ordinal IS NOT NULL AS recorded, judged.stale, judged.at
FROM judged LEFT JOIN won USING (ordinal) ORDER BY judged.ordinal
