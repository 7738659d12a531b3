-- What was sent under a declaration id, so that other content under the same id is noticed; null in older rows.
ALTER TABLE history_item ADD COLUMN content_hash bytea;
