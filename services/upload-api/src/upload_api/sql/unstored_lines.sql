-- Open lines whose cells are not kept: they are read again from the file.
SELECT l.sheet_line FROM sluice.rejected_lines l
 WHERE l.job_id = %(job_id)s AND l.healed_by IS NULL
   AND NOT EXISTS (SELECT FROM sluice.rejected_rows r
                    WHERE r.job_id = l.job_id AND r.sheet_line = l.sheet_line
                      AND r.error_no = 0 AND r.cells IS NOT NULL)
 ORDER BY l.sheet_line
