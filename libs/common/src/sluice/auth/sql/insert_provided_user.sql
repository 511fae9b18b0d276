-- Two requests may come at once, and the name may be somebody else's: both do nothing.
INSERT INTO sluice.users (username, issuer, subject)
SELECT %(username)s, %(issuer)s, %(subject)s
 WHERE NOT EXISTS (
           SELECT FROM sluice.users WHERE issuer = %(issuer)s AND subject = %(subject)s)
ON CONFLICT DO NOTHING
