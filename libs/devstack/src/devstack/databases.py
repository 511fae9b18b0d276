"""Fresh databases for tests, cloned from a template that is built once."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

CLOSED_KEPT = 40
"""So many databases wait for their end. Dropped one by one, each slows the next clone down: to ext4
an inode that was freed within 5 s is taken, and it asks so of 300 for each of the 300 files."""
CLOSED_BYTES = 150 * 1024 * 1024
"""What they may hold of the disk: one that was only migrated has 9 MB, a large test's much more."""
COPIES_BY_CHOICE = 150000
"""From this version on PostgreSQL clones by its log unless told to copy, for twice the CPU."""


@dataclass(slots=True)
class PostgresServer:
    """A server on which tests may create and drop databases; `url` names its own database."""

    url: str
    closed_kept: int = CLOSED_KEPT
    closed_bytes: int = CLOSED_BYTES
    _templates: dict[str, str] = field(default_factory=dict)
    _closed: list[str] = field(default_factory=list)
    _held_bytes: int = 0

    def url_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def create_database(self, template: str | None = None) -> str:
        """Create a database (a clone of `template` in about 0.1 s) and give its URL."""
        name = f"t_{secrets.token_hex(6)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        with psycopg.connect(self.url, autocommit=True) as connection:
            if connection.info.server_version >= COPIES_BY_CHOICE:
                statement += sql.SQL(" STRATEGY file_copy")
            connection.execute(statement)
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, ending the sessions that are left in it."""
        name = urlsplit(url).path.lstrip("/")
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def close_database(self, url: str) -> None:
        """End the sessions of a database and let in no more; it is dropped later, with others."""
        name = urlsplit(url).path.lstrip("/")
        refuse = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name))
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(refuse)
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            # 1 ms: it adds up the sizes of 300 files
            size = connection.execute("SELECT pg_database_size(%s)", (name,)).fetchone()
        self._held_bytes += int(size[0]) if size is not None else 0
        self._closed.append(url)
        if len(self._closed) >= self.closed_kept or self._held_bytes > self.closed_bytes:
            self._drop_closed()

    def _drop_closed(self) -> None:
        self._held_bytes = 0
        while self._closed:
            self.drop_database(self._closed.pop())

    def template(self, key: str, build: Callable[[str], None]) -> str:
        """The name of a template database; `build(url)` fills it at the first call of this `key`.

        `build` must close its connections: PostgreSQL clones only databases that none is using.
        """
        if key not in self._templates:
            url = self.create_database()
            build(url)
            self._templates[key] = urlsplit(url).path.lstrip("/")
        return self._templates[key]

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """A database for the length of the `with` block; gives its URL."""
        url = self.create_database(template)
        try:
            yield url
        finally:
            self.close_database(url)

    def close(self) -> None:
        """Drop all that is left: the server may be one that outlives us."""
        self._drop_closed()
        for name in self._templates.values():
            self.drop_database(self.url_of(name))

    def _admin(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)
