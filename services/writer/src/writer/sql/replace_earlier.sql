-- What an upsert does with a key that is held: of one job the highest line stays, whoever comes first.
({key}) DO UPDATE
       SET {assignments}sluice_job = excluded.sluice_job, sluice_line = excluded.sluice_line,
           sluice_replaced =
               CASE WHEN held.sluice_job = excluded.sluice_job THEN held.sluice_line ELSE 0 END
     WHERE held.sluice_job IS DISTINCT FROM excluded.sluice_job
        OR held.sluice_line < excluded.sluice_line
