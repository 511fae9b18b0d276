-- Rows that stayed, in sheet order, from behind the last one of the page before.
SELECT sheet_line, row_table, row_tid::text AS row_tid, outcome, reason, row_key
  FROM sluice.undo_rows
 WHERE job_id = %(job_id)s AND outcome IS NOT NULL
   AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
   AND (sheet_line, row_table, row_tid) > (%(line)s, %(table)s::oid, %(tid)s::tid)
 ORDER BY sheet_line, row_table, row_tid
 LIMIT %(limit)s
