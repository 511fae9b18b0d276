-- By id for tokens of ours, by issuer and subject for the provider's.
SELECT u.user_id, u.username, u.role
  FROM sluice.users u
 WHERE (u.user_id = %(user)s::uuid
        OR (u.issuer = %(issuer)s::text AND u.subject = %(subject)s::text))
   AND NOT u.disabled
   AND (%(generation)s::int IS NULL OR u.token_generation = %(generation)s)
   AND NOT EXISTS (SELECT FROM sluice.revoked_tokens r WHERE r.token_sha256 = %(token)s)
