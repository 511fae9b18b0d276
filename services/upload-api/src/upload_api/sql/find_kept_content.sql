-- For its owner alone: the file of a dry run is imported without being sent again.
SELECT preview_id, owner_id, file_name, file_url, file_size_bytes, file_sha256,
       expires_at
  FROM sluice.previews
 WHERE owner_id = %(owner_id)s AND file_sha256 = %(file_sha256)s AND expires_at > now()
 ORDER BY kept_at DESC, preview_id LIMIT 1
