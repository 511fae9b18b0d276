DELETE FROM sluice.leases WHERE name = %(name)s AND worker = %(worker)s
