-- Whether the transaction at hand wrote a row, maybe within a savepoint.
CASE WHEN age(t.xmin) <= 0
     THEN pg_xact_status((pg_current_xact_id()::text::bigint - age(t.xmin))::text::xid8)
          = 'in progress'
     ELSE false END
