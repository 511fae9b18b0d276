-- Idempotent: the demo's login is set again at every start.
INSERT INTO sluice.users (username, password_hash, role)
VALUES (%(username)s, %(password_hash)s, %(role)s)
ON CONFLICT (username) DO UPDATE
   SET password_hash = excluded.password_hash, role = excluded.role, disabled = false
RETURNING user_id
