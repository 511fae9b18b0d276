-- The newest version of each; a mapping whose newest version is for other headers is not for these.
SELECT * FROM (
    SELECT DISTINCT ON (name) name, version, target, columns, headers, header_signature, saved_at
      FROM sluice.mappings WHERE owner_id = %(owner_id)s
     ORDER BY name, version DESC) AS newest
 WHERE (%(target)s::text IS NULL OR target = %(target)s)
   AND (%(signatures)s::bytea[] IS NULL OR header_signature = ANY(%(signatures)s))
 ORDER BY saved_at DESC, name LIMIT 1000
