/**
 * What is on record for each (declaration, version, stage, consignment) asked for, in the order of asking. A draw that
 * selected any version of the declaration stands before that of the consignment.
 */
export const lookUpStatement = {
  name: 'decision-look-up',
  text: `
    SELECT input.ordinal::integer, clock_timestamp() AS at, newest.content_hash, newest.probe, newest.revision AS revision_max,
           coalesce(newest.stage > input.stage, false) AS passed, coalesce(first.controlled, false) AS controlled,
           ledger.record, ledger.decided_at,
           consignment.consignment_key, consignment.day::text, consignment.key_id, consignment.probability_ppm,
           consignment.value_ppm, consignment.selected
    FROM unnest($1::text[], $2::integer[], $3::integer[], $4::text[])
         WITH ORDINALITY AS input (declaration_id, version, stage, consignment_key, ordinal)
    LEFT JOIN LATERAL (
      SELECT content_hash, probe, revision, max(stage) OVER () AS stage FROM decision_key AS held
      WHERE held.declaration_id = input.declaration_id AND held.version = input.version
      ORDER BY revision DESC LIMIT 1) AS newest ON true
    LEFT JOIN LATERAL (
      SELECT revision FROM decision_key AS held
      WHERE held.declaration_id = input.declaration_id AND held.version = input.version
        AND held.stage >= input.stage
      ORDER BY held.stage, revision DESC LIMIT 1) AS standing ON true
    LEFT JOIN ledger ON ledger.declaration_id = input.declaration_id AND ledger.version = input.version
      AND ledger.revision = standing.revision
    LEFT JOIN decision_key AS first ON first.declaration_id = input.declaration_id
      AND first.version = input.version AND first.revision = 1
    LEFT JOIN declaration_draw AS drawn ON drawn.declaration_id = input.declaration_id AND drawn.selected
    LEFT JOIN consignment ON consignment.consignment_key = coalesce(drawn.consignment_key, input.consignment_key)
    ORDER BY input.ordinal`,
};

const inputColumns = [
  ['consignment_key', 'text'],
  ['day', 'date'],
  ['key_id', 'text'],
  ['probability_ppm', 'integer'],
  ['value_ppm', 'integer'],
  ['selected', 'boolean'],
  ['declaration_id', 'text'],
  ['version', 'integer'],
  ['revision', 'integer'],
  ['stage', 'smallint'],
  ['content_hash', 'bytea'],
  ['benefit_as_of', 'timestamptz'],
  ['probe', 'boolean'],
  ['provisional', 'boolean'],
  ['open', 'boolean'],
  ['again', 'boolean'],
  ['office', 'text'],
  ['declared_on', 'date'],
  ['lane', 'smallint'],
  ['lane_without_status', 'smallint'],
  ['selection', 'smallint'],
  ['record', 'bytea'],
  ['no_benefit', 'jsonb'],
  ['credited_source', 'text'],
  ['credited_tier', 'text'],
  ['credited_role', 'smallint'],
  ['credited_operator', 'text'],
  ['size_class', 'smallint'],
  ['salt', 'bytea'],
  ['degraded', 'boolean'],
  ['operators', 'jsonb'],
  ['declaration', 'bytea'],
  ['event_id', 'text'],
  ['topic', 'text'],
  ['partition', 'integer'],
  ['key', 'text'],
  ['value', 'bytea'],
  ['headers', 'jsonb'],
] as const;

/** The values of one row of the statement's input. */
export type RecordInput = Record<(typeof inputColumns)[number][0], unknown>;

/** One array for each column, in the order of the statement's parameters after the first. */
export function columnsOf(rows: readonly RecordInput[]): unknown[][] {
  return inputColumns.map(([name]) => rows.map((row) => row[name]));
}

// A wait for somebody's lock is a race that may be lost; meanwhile the status behind a benefit grows old.
const lockTimeoutMs = 300;

const arrays = inputColumns.map(([, type], index) => `$${index + 2}::${type}[]`).join(', ');
const names = inputColumns.map(([name]) => name).join(', ');

/**
 * Records a batch of decisions in one commit. A row is written only if
 * - nobody wrote that revision before;
 * - its draw is the one stored for the consignment, and the one that holds for the declaration: an amendment with
 *   another transport document is not drawn anew once an earlier version was selected;
 * - it does not replace a decision on goods of which a control was recorded (the first revision of each version is the
 *   row that controls and new revisions take in turn);
 * - the status behind a benefit is young enough by the database's own clock, read after all those rows are held: a
 *   process that slept, or a statement that waited for a lock, grants nothing late.
 *
 * $1 is the age in ms.
 */
export const recordStatement = {
  name: 'decision-record',
  text: `
    WITH limits AS MATERIALIZED (
      SELECT set_config('lock_timeout', '${lockTimeoutMs}ms', true) AS lock_timeout
    ), input AS MATERIALIZED (
      SELECT input.* FROM limits
      JOIN unnest(${arrays}) WITH ORDINALITY AS input (${names}, ordinal) ON limits.lock_timeout <> ''
    ), drawn AS (
      INSERT INTO consignment AS held (consignment_key, day, key_id, probability_ppm, value_ppm, selected)
      SELECT DISTINCT ON (consignment_key) consignment_key, day, key_id, probability_ppm, value_ppm, selected
      FROM input ORDER BY consignment_key
      ON CONFLICT (consignment_key) DO UPDATE SET day = held.day
      RETURNING consignment_key, day, key_id, probability_ppm, value_ppm, selected
    ), declared AS (
      INSERT INTO declaration_draw AS held (declaration_id, consignment_key, selected)
      SELECT DISTINCT ON (declaration_id) declaration_id, consignment_key, drawn.selected
      FROM input JOIN drawn USING (consignment_key) ORDER BY declaration_id, version
      ON CONFLICT (declaration_id) DO UPDATE SET selected = held.selected OR excluded.selected,
        consignment_key = CASE WHEN held.selected THEN held.consignment_key ELSE excluded.consignment_key END
      RETURNING declaration_id, consignment_key
    ), first AS MATERIALIZED (
      SELECT held.declaration_id, held.version, held.controlled
      FROM input JOIN decision_key AS held USING (declaration_id, version)
      WHERE input.revision > 1 AND held.revision = 1
      ORDER BY held.declaration_id, held.version
      FOR NO KEY UPDATE OF held
    ), clock AS MATERIALIZED (
      SELECT clock_timestamp() AS at
      FROM (SELECT count(*) FROM declared) AS all_declared, (SELECT count(*) FROM first) AS all_first
    ), judged AS MATERIALIZED (
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
    ), keyed AS (
      INSERT INTO decision_key (declaration_id, version, revision, stage, content_hash, probe, decided_at)
      SELECT declaration_id, version, revision, stage, content_hash, probe, at
      FROM judged WHERE agreed AND NOT stale
      ORDER BY declaration_id, version
      ON CONFLICT DO NOTHING
      RETURNING declaration_id, version, revision
    ), won AS MATERIALIZED (
      SELECT judged.* FROM judged JOIN keyed USING (declaration_id, version, revision)
    ), kept AS (
      INSERT INTO ledger (declaration_id, version, revision, decided_at, probe, provisional, office, declared_on,
        lane, lane_without_status, selection, no_benefit, credited_source, credited_tier, credited_role,
        credited_operator, size_class, salt, record)
      SELECT declaration_id, version, revision, at, probe, provisional, office, declared_on, lane,
        lane_without_status, selection, ARRAY(SELECT jsonb_array_elements_text(no_benefit)::smallint),
        credited_source, credited_tier, credited_role, credited_operator, size_class, salt, record
      FROM won
      RETURNING declaration_id || '/' || version || '/' || revision AS subject, ledger_commitment(ledger) AS commitment
    ), committed AS (
      INSERT INTO proof_pending (stream, subject, commitment) SELECT 'ledger', subject, commitment FROM kept
    ), published AS (
      INSERT INTO outbox (event_id, topic, partition, key, value, headers)
      SELECT event_id, topic, partition, key, value, headers FROM won
    ), again AS (
      INSERT INTO provisional (declaration_id, version, stage, probe, degraded, operators, declaration, decided_at)
      SELECT declaration_id, version, stage, probe, degraded,
        ARRAY(SELECT jsonb_array_elements_text(operators)), declaration, at
      FROM won WHERE open AND NOT controlled
      ON CONFLICT (declaration_id, version) DO UPDATE SET stage = excluded.stage, probe = excluded.probe,
        degraded = excluded.degraded, operators = excluded.operators, declaration = excluded.declaration,
        decided_at = excluded.decided_at
    ), settled AS (
      DELETE FROM provisional AS held USING won
      WHERE held.declaration_id = won.declaration_id
        AND (held.version < won.version OR held.version = won.version AND (won.controlled OR NOT won.open))
        AND NOT EXISTS (SELECT 1 FROM won AS kept WHERE kept.open AND NOT kept.controlled
                        AND kept.declaration_id = held.declaration_id AND kept.version = held.version)
    )
    SELECT judged.ordinal::integer, won.ordinal IS NOT NULL AS recorded, judged.stale, judged.at
    FROM judged LEFT JOIN won USING (ordinal) ORDER BY judged.ordinal`,
};

/**
 * A page of open decisions that matched an operator ($1) before its status changed ($2). The table holds open decisions
 * alone, so that neither this nor the next statement reads the ledger.
 */
export const concernedStatement = {
  name: 'decision-concerned',
  text: `
    SELECT held.declaration, held.stage::integer AS stage, held.probe
    FROM provisional AS held
    WHERE held.operators && $1::text[]
      AND EXISTS (SELECT 1 FROM unnest($1::text[], $2::timestamptz[]) AS change (operator, decided_before)
                  WHERE change.operator = ANY (held.operators) AND held.decided_at < change.decided_before)
      AND (held.declaration_id, held.version) > ($3::text, $4::integer)
    ORDER BY held.declaration_id, held.version LIMIT $5`,
};

/** A page of open decisions that were degraded before a time ($1). */
export const degradedStatement = {
  name: 'decision-degraded',
  text: `
    SELECT held.declaration, held.stage::integer AS stage, held.probe
    FROM provisional AS held
    WHERE held.degraded AND held.decided_at < $1::timestamptz
      AND (held.declaration_id, held.version) > ($2::text, $3::integer)
    ORDER BY held.declaration_id, held.version LIMIT $4`,
};
