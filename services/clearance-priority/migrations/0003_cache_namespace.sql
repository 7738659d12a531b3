-- Entries of the cache belong to this database: another one, or one that was made anew, finds none of them. After a
-- restore the row is given a new id, since the cache may hold decisions that were lost.
CREATE TABLE cache_namespace (id uuid NOT NULL);
INSERT INTO cache_namespace VALUES (gen_random_uuid());
