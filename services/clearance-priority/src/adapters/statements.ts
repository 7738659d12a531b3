/** What is on record for each (declaration, version, stage, consignment) asked for, in the order of asking. */
export const lookUpStatement = {
  name: 'decision-look-up',
  text: `
    SELECT input.ordinal::integer, newest.content_hash, newest.revision AS revision_max,
           ledger.record, ledger.decided_at,
           consignment.day::text, consignment.key_id, consignment.probability_ppm, consignment.value_ppm,
           consignment.selected
    FROM unnest($1::text[], $2::integer[], $3::integer[], $4::text[])
         WITH ORDINALITY AS input (declaration_id, version, stage, consignment_key, ordinal)
    LEFT JOIN LATERAL (
      SELECT content_hash, revision FROM decision_key AS held
      WHERE held.declaration_id = input.declaration_id AND held.version = input.version
      ORDER BY revision DESC LIMIT 1) AS newest ON true
    LEFT JOIN LATERAL (
      SELECT revision FROM decision_key AS held
      WHERE held.declaration_id = input.declaration_id AND held.version = input.version
        AND held.stage = input.stage
      ORDER BY revision DESC LIMIT 1) AS standing ON true
    LEFT JOIN ledger ON ledger.declaration_id = input.declaration_id AND ledger.version = input.version
      AND ledger.revision = standing.revision
    LEFT JOIN consignment ON consignment.consignment_key = input.consignment_key
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

const arrays = inputColumns.map(([, type], index) => `$${index + 2}::${type}[]`).join(', ');
const names = inputColumns.map(([name]) => name).join(', ');

/**
 * Records a batch of decisions in one commit. A row is written only if nobody wrote that revision before, if the
 * consignment's draw is of the same day, and if the status behind a benefit is young enough by the database's own
 * clock: a process that slept between its decision and this statement grants nothing late. $1 is the age in ms.
 */
export const recordStatement = {
  name: 'decision-record',
  text: `
    WITH input AS MATERIALIZED (
      SELECT * FROM unnest(${arrays}) WITH ORDINALITY AS input (${names}, ordinal)
    ), clock AS MATERIALIZED (
      SELECT clock_timestamp() AS at
    ), drawn AS (
      INSERT INTO consignment AS held (consignment_key, day, key_id, probability_ppm, value_ppm, selected)
      SELECT DISTINCT ON (consignment_key) consignment_key, day, key_id, probability_ppm, value_ppm, selected
      FROM input ORDER BY consignment_key
      ON CONFLICT (consignment_key) DO UPDATE SET day = held.day
      RETURNING consignment_key, day
    ), judged AS MATERIALIZED (
      SELECT input.*, clock.at,
             coalesce(clock.at - input.benefit_as_of > $1 * interval '1 millisecond', false) AS stale
      FROM input CROSS JOIN clock
    ), keyed AS (
      INSERT INTO decision_key (declaration_id, version, revision, stage, content_hash, decided_at)
      SELECT declaration_id, version, revision, stage, content_hash, at
      FROM judged JOIN drawn USING (consignment_key, day) WHERE NOT stale
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
      FROM won WHERE provisional
      ON CONFLICT (declaration_id, version) DO UPDATE SET stage = excluded.stage, probe = excluded.probe,
        degraded = excluded.degraded, operators = excluded.operators, declaration = excluded.declaration,
        decided_at = excluded.decided_at
    ), settled AS (
      DELETE FROM provisional USING won
      WHERE NOT won.provisional AND provisional.declaration_id = won.declaration_id
        AND provisional.version <= won.version
    )
    SELECT judged.ordinal::integer, won.ordinal IS NOT NULL AS recorded, judged.stale, judged.at
    FROM judged LEFT JOIN won USING (ordinal) ORDER BY judged.ordinal`,
};

/**
 * Decisions to be made again: of these operators, or degraded before a time. Goods already released, and goods for
 * which a control was ordered, are not called back: of a presented declaration only a document check is still open.
 */
export const provisionalStatement = {
  name: 'decision-provisional',
  text: `
    SELECT held.declaration, held.stage::integer AS stage, held.probe
    FROM provisional AS held JOIN standing_decision AS standing USING (declaration_id, version)
    WHERE (held.operators && $1::text[] OR (held.degraded AND held.decided_at < $2::timestamptz))
      AND (held.stage = 1 OR standing.lane = 3)
      AND NOT EXISTS (SELECT 1 FROM control WHERE control.declaration_id = held.declaration_id
                      AND control.version = held.version)
    ORDER BY held.decided_at LIMIT $3`,
};
