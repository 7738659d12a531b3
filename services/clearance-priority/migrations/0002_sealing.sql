-- What a ledger row commits to: its record under its salt, and every column a report reads.
CREATE FUNCTION ledger_commitment(held ledger) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256(held.salt || sha256(held.record) || convert_to(jsonb_build_array(
  held.declaration_id, held.version, held.revision, extract(epoch FROM held.decided_at), held.probe,
  held.provisional, held.office, held.declared_on, held.lane, held.lane_without_status, held.selection,
  held.no_benefit, held.credited_source, held.credited_tier, held.credited_role, held.credited_operator,
  held.size_class)::text, 'UTF8'));
