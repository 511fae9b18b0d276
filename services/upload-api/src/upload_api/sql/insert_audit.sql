-- Append-only.
INSERT INTO sluice.audit_log (action, user_id, job_id, ip, user_agent, details)
VALUES (%(action)s, %(user_id)s, %(job_id)s, %(ip)s, %(user_agent)s, %(details)s)
