-- A file of a preview, to be had for a while.
INSERT INTO sluice.previews (
    preview_id, owner_id, file_name, file_url, file_size_bytes, file_sha256, expires_at)
VALUES (
    %(preview_id)s, %(owner_id)s, %(file_name)s, %(file_url)s, %(file_size_bytes)s,
    %(file_sha256)s, now() + %(keep)s)
RETURNING expires_at
