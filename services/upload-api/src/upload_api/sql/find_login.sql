-- For the sign-in alone: the only place that reads a password's hash.
SELECT user_id, username, role, password_hash, token_generation FROM sluice.users
 WHERE username = %(username)s AND NOT disabled
