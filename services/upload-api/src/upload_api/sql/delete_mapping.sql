-- All versions of somebody's mapping.
DELETE FROM sluice.mappings WHERE owner_id = %(owner_id)s AND name = %(name)s
