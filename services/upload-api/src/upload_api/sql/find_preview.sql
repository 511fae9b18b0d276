-- For its owner alone, while its time lasts.
SELECT preview_id, owner_id, file_name, file_url, file_size_bytes, file_sha256,
       expires_at
  FROM sluice.previews
 WHERE preview_id = %(preview_id)s AND owner_id = %(owner_id)s AND expires_at > now()
