-- The certificate under which a command came; the actor is the person or system it came for. Null for what no caller
-- asked, such as a control's result, and for rows older than this column, whose commitments stay what they were.
ALTER TABLE audit ADD COLUMN caller text;
CREATE OR REPLACE FUNCTION audit_commitment(held audit) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256(held.salt || convert_to((jsonb_build_array(
  held.id, held.operator_id, held.version, held.actor, held.event, extract(epoch FROM held.recorded_at))
  || CASE WHEN held.caller IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(held.caller) END)::text,
  'UTF8'));
