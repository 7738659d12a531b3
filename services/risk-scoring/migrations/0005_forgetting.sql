-- What is older than anybody asks for is found by these.
CREATE INDEX control_feedback_recorded ON control_feedback (recorded_at);
