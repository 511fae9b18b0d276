"""Rows that only the database can refuse: the search in the server finds what halving finds."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import psycopg
import pyarrow as pa
import pytest
from services.writer.tests.writer_world import (
    ITEMS,
    Hand,
    Row,
    World,
    batch_of,
    chunk_of,
    chunks_of,
)

from import_targets import TargetDefinition
from sluice.errors import Outage
from writer.adapters.postgres_bisection import Refusal, refused_by_halves, refused_rows
from writer.adapters.postgres_search import ServerSearch
from writer.adapters.postgres_stage import open_stage
from writer.adapters.postgres_staging import write_staged
from writer.domain.write_plan import Road

Hands = Callable[..., Hand]
Refused = dict[int, Refusal]

PLAIN = replace(ITEMS, lineage=False)
BY_NAME = replace(ITEMS, key=("name", "id"))


def trigger(body: str, when: str = "BEFORE INSERT OR UPDATE", each: str = "ROW") -> str:
    return (
        f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;"
        f"CREATE TRIGGER t {when} ON items FOR EACH {each} EXECUTE FUNCTION refuse()"
    )


UNLUCKY = trigger(
    "IF NEW.amount % 31 = 13 THEN RAISE EXCEPTION 'unlucky %', NEW.amount USING COLUMN = 'amount';"
    " END IF; RETURN NEW;"
)
ASSERTED = trigger("ASSERT NEW.amount % 31 <> 13, 'not this one'; RETURN NEW;")
AT_MOST_FIVE = trigger(
    "IF (SELECT count(*) FROM items AS i WHERE i.name = NEW.name) >= 5 THEN"
    " RAISE unique_violation USING MESSAGE = 'five have this name'; END IF; RETURN NEW;"
)
AT_MOST_FIVE_AFTER = trigger(
    "IF EXISTS (SELECT FROM items GROUP BY name HAVING count(*) > 5) THEN"
    " RAISE check_violation USING MESSAGE = 'five have this name'; END IF; RETURN NULL;",
    when="AFTER INSERT",
    each="STATEMENT",
)
NO_OVERLAP = "ALTER TABLE items ADD EXCLUDE USING gist (int4range(amount, amount + 3) WITH &&)"
DOMAIN = (
    "CREATE DOMAIN lucky AS integer CONSTRAINT is_lucky CHECK (VALUE % 31 <> 13);"
    "ALTER TABLE items ALTER amount TYPE lucky"
)
SMALL = "; ALTER TABLE items ADD CHECK (amount % 29 <> 5)"
NAMED = "; ALTER TABLE items DROP CONSTRAINT items_pkey, ADD PRIMARY KEY (name, id)"
ONE_NAME = "; CREATE UNIQUE INDEX ON items (name)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A table's rule and a sheet that breaks it here and there."""

    rule: str
    mode: str = "insert"
    target: TargetDefinition = ITEMS
    ids: int = 10**9
    names: int = 60
    rows: int = 240
    for_s: float = 1.0


def rows_of(case: Case) -> list[Row]:
    pick = random.Random(case.rule)  # noqa: S311 - made-up rows
    return [
        (
            str(pick.randint(1, case.ids)),
            f"n{pick.randrange(case.names)}",
            str(pick.randint(1, 10_000)),
        )
        for _ in range(case.rows)
    ]


CASES = {
    "a trigger, in two parts": Case(rule=UNLUCKY + SMALL, rows=1_010),
    "a trigger and repeated keys": Case(rule=UNLUCKY + SMALL, ids=190),
    "a trigger and keys of two columns": Case(
        rule=UNLUCKY + NAMED, target=BY_NAME, ids=25, names=10
    ),
    "a trigger of a table with two keys": Case(rule=UNLUCKY + ONE_NAME, names=10**9),
    "a trigger of a table without lineage": Case(rule=UNLUCKY, target=PLAIN, ids=190),
    "an assertion": Case(rule=ASSERTED),
    "a trigger under an upsert": Case(rule=UNLUCKY + SMALL, mode="upsert", ids=190),
    "the same without lineage": Case(rule=UNLUCKY, mode="upsert", target=PLAIN, ids=190),
    "a trigger that skips what is there": Case(rule=UNLUCKY, mode="skip_existing", ids=190),
    "a trigger that counts others": Case(rule=AT_MOST_FIVE),
    "a trigger that counts behind": Case(rule=AT_MOST_FIVE_AFTER),
    "an exclusion under an upsert": Case(rule=NO_OVERLAP, mode="upsert", ids=190),
    "a domain": Case(rule=DOMAIN, ids=190),
    "a search that is broken off again and again": Case(rule=UNLUCKY, ids=190, for_s=0.0),
}


def found_by_both(world: World, hand: Hand, case: Case) -> tuple[Refused, Refused, int]:
    """Return what each search finds of the same rows, and how often the new one gave a sign."""
    moves: list[int] = []
    job = world.new_job(case.mode, case.target)
    prepared = hand.writer.prepare(batch_of(chunks_of(job, rows_of(case), case.rows)))
    assert prepared is not None
    conn = hand.session.connection()
    stage = open_stage(conn, prepared.plan.target, hand.session.staged)

    def write(part: pa.Table) -> None:
        write_staged(conn, stage, replace(prepared, rows=part), Road.STAGING, lambda: None)

    def by_halves(part: pa.Table) -> Refused:
        conn.execute(stage.format("renew_stage"))
        return refused_by_halves(conn, part, write)

    def in_server(part: pa.Table) -> Refused:
        conn.execute(stage.format("renew_stage"))
        found = server.refused_of(part)
        assert found is not None, "the search covers it"
        return found

    with conn.transaction():
        halves = refused_rows(conn, prepared.rows, by_halves)
        server = ServerSearch(conn, stage, prepared, lambda: moves.append(1), case.for_s)
        return halves, refused_rows(conn, prepared.rows, in_server), len(moves)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_server_finds_what_halving_finds(world: World, hand: Hands, case: Case) -> None:
    world.conn.execute(
        "INSERT INTO items SELECT k, 'old' || k, -10 * k FROM generate_series(1, 20) k"
    )
    world.conn.execute(case.rule.encode())
    halves, server, moves = found_by_both(world, hand(), case)
    assert len(halves) > 3
    assert server == halves
    assert world.rows("SELECT count(*) FROM items WHERE left(name, 3) <> 'old'") == [(0,)]
    assert moves == -(-case.rows // 1_000) if case.for_s else moves > 20


def test_a_row_refused_as_it_takes_the_place_of_a_later_line_is_found(
    world: World, hand: Hands
) -> None:
    """Giving way is a statement of its own, so such parts are searched from outside."""
    job = world.new_job()
    writer = hand()
    writer.write(chunk_of(job, 1, [50, 51], [("7", "late", "1"), ("8", "late", "1")]))
    rule = "IF NEW.name = 'x' THEN RAISE 'no'; END IF; RETURN NEW;"
    world.conn.execute(trigger(rule, when="BEFORE UPDATE").encode())
    rows = [("7", "early", "1"), ("8", "x", "1"), ("9", "c", "1")]
    assert writer.write(*chunks_of(job, rows, 3)).road is Road.BISECTION
    assert world.rows("SELECT id, name FROM items ORDER BY id") == [
        (7, "early"),
        (8, "late"),
        (9, "c"),
    ]
    assert world.rows("SELECT sheet_line, code FROM sluice.rejected_rows ORDER BY 1") == [
        (3, "REFUSED_BY_DATABASE"),
        (50, "DUPLICATE_KEY"),
    ]


def test_a_row_whose_check_fails_to_be_asked_is_refused_alone(world: World, hand: Hands) -> None:
    world.conn.execute("ALTER TABLE items ADD CHECK (10 / amount < 10)")
    job = world.new_job()
    rows = [("1", "a", "2"), ("2", "b", "0"), ("3", "c", "1"), ("4", "d", "5")]
    assert hand().write(*chunks_of(job, rows, 4)).road is Road.BISECTION
    assert world.rows("SELECT id FROM items ORDER BY id") == [(1,), (4,)]
    assert world.rows("SELECT sheet_line, message FROM sluice.rejected_rows ORDER BY 1") == [
        (3, "the database refuses the row: division by zero"),
        (4, "amount: breaks the table's rule items_amount_check"),
    ]


def test_a_row_behind_a_faulty_one_of_its_key_is_tried(world: World, hand: Hands) -> None:
    world.conn.execute((UNLUCKY + SMALL).encode())
    job = world.new_job()
    hand().write(*chunks_of(job, [("1", "a", "5"), ("1", "b", "13"), ("2", "c", "1")], 3))
    assert world.rows("SELECT sheet_line, code FROM sluice.rejected_rows ORDER BY 1") == [
        (2, "CHECK_FAILED"),
        (3, "REFUSED_BY_DATABASE"),
    ]


def test_a_row_that_needs_another_of_its_part_is_not_refused_for_it(
    world: World, hand: Hands
) -> None:
    world.conn.execute("ALTER TABLE items ADD FOREIGN KEY (amount) REFERENCES items (id)")
    world.conn.execute(trigger("IF NEW.name = 'x' THEN RAISE 'no'; END IF; RETURN NEW;").encode())
    job = world.new_job()
    rows = [("1", "a", "4"), ("2", "x", None), ("3", "c", "9"), ("4", "d", None)]
    assert hand().write(*chunks_of(job, rows, 4)).road is Road.BISECTION
    assert world.rows("SELECT id FROM items ORDER BY id") == [(1,), (4,)]
    assert world.rows("SELECT sheet_line, code FROM sluice.rejected_rows ORDER BY 1") == [
        (3, "REFUSED_BY_DATABASE"),
        (4, "UNKNOWN_REFERENCE"),
    ]


@pytest.mark.parametrize("index", ["", "CREATE UNIQUE INDEX ON items (name);"])
def test_a_row_that_a_trigger_leaves_out_is_not_said_to_be_in_the_table(
    world: World, hand: Hands, index: str
) -> None:
    small = "ALTER TABLE items ADD CHECK (amount < 50);"
    leaves_out = trigger("RETURN CASE WHEN NEW.id <> 2 THEN NEW END;")
    world.conn.execute((index + small + leaves_out).encode())
    world.conn.execute("INSERT INTO items (id, name) VALUES (1, 'first')")
    job = world.new_job()
    rows = [("1", "a", "1"), ("2", "b", "1"), ("3", "c", "1"), ("4", "d", "99")]
    assert hand().write(*chunks_of(job, rows, 4)).road is Road.STAGING
    assert world.rows("SELECT sheet_line, code, message FROM sluice.rejected_rows ORDER BY 1") == [
        (2, "DUPLICATE_KEY", "id: already in the table"),
        (
            3,
            "DUPLICATE_KEY",
            "the table did not take the row: a trigger left it out, or an index has its values",
        ),
        (5, "CHECK_FAILED", "amount: breaks the table's rule items_amount_check"),
    ]
    assert world.sums(job) == (1, 4, 1, 0, 0, 3)


def test_a_table_whose_trigger_says_read_only_is_no_outage(world: World, hand: Hands) -> None:
    """It held up the jobs of all the other tables, for ever."""
    world.conn.execute(trigger("RAISE EXCEPTION 'closed' USING ERRCODE = '25006';").encode())
    job = world.new_job()
    chunk = chunk_of(job, 0, [2], [("1", "a", "1")])
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        hand().write(chunk)
    with pytest.raises(Outage):
        hand(default_transaction_read_only="on").write(chunk)
    assert world.rows("SELECT count(*) FROM sluice.chunks") == [(0,)]
