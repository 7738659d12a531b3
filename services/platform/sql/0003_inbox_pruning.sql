-- Rows are forgotten by age; without the index each look for old ones would read them all.
CREATE INDEX inbox_seen_at ON inbox (seen_at);
