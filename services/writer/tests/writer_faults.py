"""Failures on purpose: a trigger on `items` that raises what a control table says."""

from __future__ import annotations

from dataclasses import dataclass

from services.writer.tests.writer_world import World

UNEXPECTED = "XX000"
"""An SQLSTATE that the writer has no answer to."""

_CREATE = """
CREATE TABLE faults (id bigint PRIMARY KEY, sqlstate text, pause_s real);
CREATE FUNCTION fail_on_purpose() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fault faults%ROWTYPE;
BEGIN
    SELECT * INTO fault FROM faults WHERE id = NEW.id;
    IF FOUND THEN
        PERFORM pg_sleep(fault.pause_s);
        IF fault.sqlstate IS NOT NULL THEN
            RAISE EXCEPTION 'the secret of %', NEW.name USING ERRCODE = fault.sqlstate;
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fail_on_purpose BEFORE INSERT ON items
    FOR EACH ROW EXECUTE FUNCTION fail_on_purpose();
"""


@dataclass(frozen=True, slots=True)
class Faults:
    """Rows that cannot be inserted for now."""

    world: World

    def begin(self, *ids: int, sqlstate: str | None = UNEXPECTED, pause_s: float = 0.0) -> None:
        """Refuse rows of these ids from now on, or only hold them up."""
        for id_ in ids:
            self.world.conn.execute(
                "INSERT INTO faults VALUES (%s, %s, %s)", [id_, sqlstate, pause_s]
            )

    def end(self) -> None:
        """Refuse nothing any more."""
        self.world.conn.execute("DELETE FROM faults")


def faults_of(world: World) -> Faults:
    world.conn.execute(_CREATE)
    return Faults(world)
