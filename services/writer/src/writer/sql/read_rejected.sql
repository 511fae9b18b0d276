-- The first errors of a chunk that is written already, for its fact.
SELECT DISTINCT ON (sheet_line) sheet_line, column_letter, code
  FROM sluice.rejected_rows
 WHERE job_id = %(job_id)s AND chunk_no = %(chunk_no)s
   AND sheet_line BETWEEN %(first_line)s AND %(last_line)s
 ORDER BY sheet_line, error_no
 LIMIT %(limit)s
