-- Tokens that were made for another password or role end here.
INSERT INTO sluice.users AS u (username, password_hash, role)
VALUES (%(username)s, %(password_hash)s, %(role)s)
ON CONFLICT (username) DO UPDATE
   SET password_hash = excluded.password_hash, role = excluded.role, disabled = false,
       token_generation = u.token_generation
           + (u.password_hash IS DISTINCT FROM excluded.password_hash
              OR u.role <> excluded.role OR u.disabled)::int
RETURNING user_id
