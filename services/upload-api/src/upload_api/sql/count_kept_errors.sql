-- Of all kinds or of one; `lines`: how many lines have their first error kept, of any kind.
SELECT count(*) FILTER (WHERE (%(code)s::text IS NULL OR code = %(code)s)
                          AND (%(column)s::text IS NULL OR coalesce(column_letter, '') = %(column)s)),
       count(*) FILTER (WHERE error_no = 0)
  FROM sluice.rejected_rows WHERE job_id = %(job_id)s
