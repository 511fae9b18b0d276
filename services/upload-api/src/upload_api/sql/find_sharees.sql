-- By name, or by id: what looks like an id is never taken for a name.
SELECT u.user_id, u.username
  FROM sluice.users u
 WHERE NOT u.disabled AND (u.username = ANY(%(names)s) OR u.user_id = ANY(%(ids)s))
