INSERT INTO sluice.leases AS held (name, worker, lease_until)
VALUES (%(name)s, %(worker)s, now() + %(lease_s)s * interval '1 second')
ON CONFLICT (name) DO UPDATE
   SET worker = excluded.worker, lease_until = excluded.lease_until
 WHERE held.worker = excluded.worker OR held.lease_until < now()
RETURNING name
