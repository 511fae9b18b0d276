-- Their files go next; what a crash in between leaves is an orphan.
DELETE FROM sluice.previews WHERE expires_at <= now() RETURNING file_url
