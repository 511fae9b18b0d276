-- Ends writers whose process stands still within a transaction for five seconds: nobody else ends
-- one that is within a COPY, and its locks stop everybody.
SELECT sluice.end_stopped_sessions(%(application_name)s)
