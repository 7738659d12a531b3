-- Files that prove something, each stored once under the SHA-256 of its bytes.
CREATE TABLE evidence (
  sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
  content_id uuid NOT NULL UNIQUE,
  bytes bigint NOT NULL CHECK (bytes > 0),
  media_type text NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Its bytes, written while they come in: the hash is known after the last. Nothing is committed that no file names.
CREATE TABLE evidence_chunk (
  content_id uuid NOT NULL REFERENCES evidence (content_id) DEFERRABLE INITIALLY DEFERRED,
  position integer NOT NULL,
  content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 262144),
  PRIMARY KEY (content_id, position)
);
-- The formats are compressed already.
ALTER TABLE evidence_chunk ALTER COLUMN content SET STORAGE EXTERNAL;
