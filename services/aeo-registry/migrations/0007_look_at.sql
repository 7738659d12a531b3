-- When somebody has to look at an operator next, because a time of its files or certificates is over then.
ALTER TABLE operator ADD COLUMN look_at timestamptz;
CREATE INDEX operator_look_at ON operator (look_at) WHERE look_at IS NOT NULL;
