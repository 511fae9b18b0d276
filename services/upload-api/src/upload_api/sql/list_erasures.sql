-- Also those that another process began and did not end.
SELECT job_id, file_url FROM sluice.erasures ORDER BY erased_at LIMIT 100
