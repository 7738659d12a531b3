-- The draw that holds for a declaration: once one of its versions was selected, it stays that version's. Earlier
-- declarations with a transport document are found here from their next version on.
CREATE TABLE declaration_draw (
  declaration_id text PRIMARY KEY,
  consignment_key text NOT NULL,
  selected boolean NOT NULL
);
INSERT INTO declaration_draw
  SELECT substr(consignment_key, length('declaration/') + 1), consignment_key, selected
  FROM consignment WHERE consignment_key LIKE 'declaration/%';

-- On the first revision of a version: a control was recorded, so that nothing is decided again.
ALTER TABLE decision_key ADD COLUMN controlled boolean NOT NULL DEFAULT false;
UPDATE decision_key SET controlled = true
  WHERE revision = 1 AND EXISTS (SELECT 1 FROM control WHERE control.declaration_id = decision_key.declaration_id
                                 AND control.version = decision_key.version);

-- From here on the table holds open decisions alone: before presentation (stage 1), or in lane yellow (3), and without
-- a control.
DELETE FROM provisional
  WHERE EXISTS (SELECT 1 FROM control WHERE control.declaration_id = provisional.declaration_id
                AND control.version = provisional.version)
     OR stage <> 1 AND NOT EXISTS (
       SELECT 1 FROM standing_decision AS standing WHERE standing.declaration_id = provisional.declaration_id
         AND standing.version = provisional.version AND standing.lane = 3);
CREATE INDEX provisional_degraded ON provisional (declaration_id, version) WHERE degraded;
