-- In sheet order, from behind the last one of the page before; of all kinds or of one.
SELECT sheet_line, error_no, column_letter, field, code, message, value, other_line
  FROM sluice.rejected_rows
 WHERE job_id = %(job_id)s AND (sheet_line, error_no) > (%(line)s, %(error_no)s)
   AND (%(code)s::text IS NULL OR code = %(code)s)
   AND (%(column)s::text IS NULL OR coalesce(column_letter, '') = %(column)s)
 ORDER BY sheet_line, error_no LIMIT %(limit)s
