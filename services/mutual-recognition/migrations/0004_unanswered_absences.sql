-- Whether the operator is absent from a list that has waited too long for a second person.
ALTER TABLE partner_operator ADD COLUMN absence_unanswered boolean NOT NULL DEFAULT false;

-- What a refused list said of itself, as far as it could be read.
ALTER TABLE list_refusal ADD COLUMN digest text;
