-- Under which versions of programmes files were submitted, as they were then.
CREATE INDEX programmes_in_use ON audit
  ((event->>'programmeId'), (event->>'programmeVersion'), (event->>'programmeHash'), recorded_at)
WHERE event->>'type' = 'ApplicationSubmitted' AND event->>'programmeHash' IS NOT NULL;
