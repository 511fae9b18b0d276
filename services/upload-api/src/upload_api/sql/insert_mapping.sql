-- A version is never used twice, not even when the mapping was deleted in between: jobs name it.
INSERT INTO sluice.mappings (owner_id, name, version, target, columns, header_signature, headers)
SELECT %(owner_id)s, %(name)s, 1 + GREATEST(
           COALESCE((SELECT max(version) FROM sluice.mappings
                      WHERE owner_id = %(owner_id)s AND name = %(name)s), 0),
           COALESCE((SELECT max(mapping_version) FROM sluice.jobs
                      WHERE owner_id = %(owner_id)s AND mapping_name = %(name)s), 0)),
       %(target)s, %(columns)s, %(header_signature)s, %(headers)s
