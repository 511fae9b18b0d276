-- Somebody's kept files beyond the newest few.
DELETE FROM sluice.previews WHERE preview_id IN (
    SELECT preview_id FROM sluice.previews WHERE owner_id = %(owner_id)s
     ORDER BY kept_at DESC, preview_id OFFSET %(most)s)
RETURNING file_url
