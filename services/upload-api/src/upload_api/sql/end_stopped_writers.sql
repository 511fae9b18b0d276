-- Ends sessions of our own role whose process stands still within a transaction: PostgreSQL holds
-- off every timeout and cancel while it waits for COPY data, and such a session keeps the gate.
SELECT pid, pg_terminate_backend(pid)
  FROM pg_stat_activity
 WHERE usename = current_user
   AND datname = current_database()
   AND pid <> pg_backend_pid()
   AND state IN ('active', 'idle in transaction')
   AND wait_event = 'ClientRead'
   AND xact_start IS NOT NULL
   AND greatest(state_change, query_start) < clock_timestamp() - make_interval(secs => %(stopped_s)s)
