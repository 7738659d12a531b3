-- What an audit row commits to, under a salt of its own: whoever lacks it learns nothing from the commitment.
ALTER TABLE audit ADD COLUMN salt bytea NOT NULL DEFAULT uuid_send(gen_random_uuid());
CREATE FUNCTION audit_commitment(held audit) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256(held.salt || convert_to(jsonb_build_array(
  held.id, held.operator_id, held.version, held.actor, held.event, extract(epoch FROM held.recorded_at))::text,
  'UTF8'));
