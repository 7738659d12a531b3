-- What is looked at each minute is what was decided in the last ones. Rows come in the order of their times, so that a
-- summary of each range of pages finds them and costs a writer nothing to speak of.
CREATE INDEX decision_key_decided_at ON decision_key USING brin (decided_at) WITH (autosummarize = on);
CREATE INDEX ledger_decided_at ON ledger USING brin (decided_at) WITH (autosummarize = on);
-- Benefits alone, which are few.
CREATE INDEX ledger_benefit_decided_at ON ledger (decided_at) WHERE credited_operator <> '';
