"""Who of several processes leads: a row with an end, by the database's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sluice.db.pool import Connection

_TAKE = """
INSERT INTO sluice.leases AS held (name, worker, lease_until)
VALUES (%(name)s, %(worker)s, now() + %(lease_s)s * interval '1 second')
ON CONFLICT (name) DO UPDATE
   SET worker = excluded.worker, lease_until = excluded.lease_until
 WHERE held.worker = excluded.worker OR held.lease_until < now()
RETURNING name
"""
_DROP = "DELETE FROM sluice.leases WHERE name = %s AND worker = %s"


def take_lease(conn: Connection, name: str, worker: str, lease_s: float) -> bool:
    """Take or renew a lease; False while another worker holds it."""
    values = {"name": name, "worker": worker, "lease_s": lease_s}
    return conn.execute(_TAKE, values).fetchone() is not None


def drop_lease(conn: Connection, name: str, worker: str) -> None:
    """Give the lease back, so that the next one need not wait for its end."""
    conn.execute(_DROP, [name, worker])
