-- Which files and certificates there are, in the order of the lists, so that a page costs what it shows and not the
-- whole register. Written with the operator's row; what a list tells of each is read from that.
CREATE TABLE application_listed (
  operator_id text NOT NULL,
  application_id text NOT NULL,
  programme_id text NOT NULL,
  status text NOT NULL,
  PRIMARY KEY (operator_id, application_id)
);
CREATE INDEX application_listed_by_status ON application_listed (status, operator_id, application_id);

CREATE TABLE certificate_listed (
  certificate_id text NOT NULL,
  operator_id text NOT NULL,
  -- Somebody has to look into it: a proof it rests on has lapsed, or a duty was missed.
  to_review boolean NOT NULL,
  PRIMARY KEY (certificate_id, operator_id)
);
CREATE INDEX certificate_listed_to_review ON certificate_listed (certificate_id, operator_id) WHERE to_review;

INSERT INTO application_listed
SELECT operator_id, held.key, held.value->>'programmeId', held.value->>'status'
FROM operator, jsonb_each(coalesce(state->'applications', '{}')) AS held;

INSERT INTO certificate_listed
SELECT held.key, operator_id,
  coalesce(
    held.value->>'status' IN ('active', 'suspended') AND held.value @? '$.duties.* ? (@ == "missed")',
    false
  )
FROM operator, jsonb_each(coalesce(state->'certificates', '{}')) AS held;

-- Whose a certificate is, is told by its list.
DROP INDEX grant_of_certificate;
