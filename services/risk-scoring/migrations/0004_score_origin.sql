-- Whether a declaration was decided on the score, or a training gave it: a training never touches what was decided.
-- Of the rows before, those of declarations in the history came from trainings.
ALTER TABLE recorded_score ADD COLUMN live boolean NOT NULL DEFAULT true;
UPDATE recorded_score SET live = false
  WHERE EXISTS (SELECT FROM history_item WHERE history_item.declaration_id = recorded_score.declaration_id);
ALTER TABLE recorded_score ALTER COLUMN live DROP DEFAULT;
DROP INDEX recorded_score_newest;
CREATE INDEX recorded_score_newest ON recorded_score (purpose, live, id);
