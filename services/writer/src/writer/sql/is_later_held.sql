-- Whether a later line of the same job has a staged row's values: the row would take its place.
SELECT EXISTS (SELECT
                 FROM {stage} AS s
                 JOIN {table} AS t ON {same}
                WHERE t.sluice_job = %(job_id)s AND t.sluice_line > s.sluice_line)
