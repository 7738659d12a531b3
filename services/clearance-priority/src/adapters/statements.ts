/**
 * What is on record for each (declaration, version, stage, consignment) requested, in the order of the requests. A draw that
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
