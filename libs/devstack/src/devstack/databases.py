"""Fresh databases for tests, cloned from a template that is built once."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@dataclass(slots=True)
class PostgresServer:
    """A server on which tests may create and drop databases; `url` names its own database."""

    url: str
    _templates: dict[str, str] = field(default_factory=dict)

    def url_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def create_database(self, template: str | None = None) -> str:
        """Create a database (a clone of `template` in about 0.1 s) and give its URL."""
        name = f"t_{secrets.token_hex(6)}"
        self._admin(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template or "template0")
            )
        )
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, ending the sessions that are left in it."""
        name = urlsplit(url).path.lstrip("/")
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

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
            self.drop_database(url)

    def close(self) -> None:
        """Drop the templates: the server may be one that outlives us."""
        for name in self._templates.values():
            self.drop_database(self.url_of(name))

    def _admin(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)
