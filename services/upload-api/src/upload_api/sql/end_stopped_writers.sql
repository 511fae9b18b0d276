-- Ends sessions of the services whose process stands still within a transaction for five seconds:
-- nobody else ends one that is within a COPY, and it keeps the gate.
SELECT sluice.end_stopped_sessions()
