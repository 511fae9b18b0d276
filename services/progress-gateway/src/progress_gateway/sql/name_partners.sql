-- The partner of a rejected duplicate may have been displaced by an earlier line since: then that
-- line is the partner. Each pass halves the chains, until one changes nothing. A partner in the
-- import that a correction corrects is told in other words, and is no line of this job.
UPDATE sluice.rejected_rows AS r
   SET other_line = p.other_line,
       message = replace(r.message, 'also on row ' || r.other_line || ',',
                         'also on row ' || p.other_line || ',')
  FROM sluice.rejected_rows AS p
 WHERE r.job_id = %(job)s
   AND r.code = 'DUPLICATE_KEY'
   AND position('also on row ' || r.other_line || ',' IN r.message) > 0
   AND p.job_id = %(job)s
   AND p.sheet_line = r.other_line
   AND p.code = 'DUPLICATE_KEY'
   AND p.field IS NOT DISTINCT FROM r.field
   AND position('also on row ' || p.other_line || ',' IN p.message) > 0
   AND p.other_line <> r.sheet_line
