-- Who did what, newest first; a name only while its user exists.
SELECT a.audit_id, a.at, a.action, a.user_id, u.username, a.job_id, host(a.ip) AS ip,
       a.user_agent, a.request_id, a.details
  FROM sluice.audit_log a
  LEFT JOIN sluice.users u USING (user_id)
 WHERE (%(before)s::bigint IS NULL OR a.audit_id < %(before)s)
   AND (%(action)s::text IS NULL OR a.action = %(action)s)
   AND (%(user_id)s::uuid IS NULL OR a.user_id = %(user_id)s)
   AND (%(job_id)s::uuid IS NULL OR a.job_id = %(job_id)s)
   AND (%(since)s::timestamptz IS NULL OR a.at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR a.at < %(until)s)
 ORDER BY a.audit_id DESC
 LIMIT %(limit)s
