-- One scan for the rows of a job and of its corrections: those whose version is none of a
-- transaction that wrote chunks were changed since and stay; the others wait.
INSERT INTO sluice.undo_rows (job_id, sheet_line, row_table, row_tid, outcome, reason, row_key)
SELECT %(job_id)s, coalesce(t.sluice_line, 0), t.sluice_row_table, t.sluice_row_tid,
       CASE WHEN NOT t.sluice_is_ours THEN 'kept' END,
       CASE WHEN NOT t.sluice_is_ours THEN %(reason)s END,
       CASE WHEN NOT t.sluice_is_ours THEN {row_key} END
  FROM (SELECT t.*, t.tableoid AS sluice_row_table, t.ctid AS sluice_row_tid,
               {ours} AS sluice_is_ours
          FROM {table} AS t
         WHERE t.sluice_job = %(job_id)s
        OFFSET 0) AS t
