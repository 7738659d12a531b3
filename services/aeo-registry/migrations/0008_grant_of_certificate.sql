-- Whose a certificate is, by its id, and the files of operators in a programme officer's list.
CREATE INDEX grant_of_certificate ON audit ((event->'granted'->>'certificateId'))
WHERE event->>'type' = 'CertificateGranted';
