-- Where the next batch ends, from the last line upwards; NULL: the pass is over. All rows of one
-- line go together.
SELECT min(sheet_line)
  FROM (SELECT sheet_line
          FROM sluice.undo_rows
         WHERE job_id = %(job_id)s AND outcome IS NULL AND sheet_line < %(below)s
         ORDER BY sheet_line DESC
         LIMIT %(limit)s) AS next
