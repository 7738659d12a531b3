-- What is kept of every list sent or received; the header holds the digest of the rows.
ALTER TABLE list_issued ADD COLUMN salt bytea NOT NULL DEFAULT uuid_send(gen_random_uuid());
ALTER TABLE list_received ADD COLUMN salt bytea NOT NULL DEFAULT uuid_send(gen_random_uuid());
CREATE FUNCTION list_issued_commitment(held list_issued) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256(held.salt || convert_to(jsonb_build_array(
  held.arrangement_id, held.sequence, held.header, held.signature, held.header_hash,
  extract(epoch FROM held.issued_at))::text, 'UTF8'));
CREATE FUNCTION list_received_commitment(held list_received) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256(held.salt || convert_to(jsonb_build_array(
  held.arrangement_id, held.sequence, held.header, held.signature, held.header_hash, held.listed, held.recognised,
  held.partition_counts, extract(epoch FROM held.received_at))::text, 'UTF8'));
