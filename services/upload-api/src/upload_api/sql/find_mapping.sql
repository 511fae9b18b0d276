-- One version of somebody's mapping, the newest when none is asked for.
SELECT name, version, target, columns, headers, header_signature, saved_at
  FROM sluice.mappings
 WHERE owner_id = %(owner_id)s AND name = %(name)s
   AND (%(version)s::integer IS NULL OR version = %(version)s)
 ORDER BY version DESC LIMIT 1
