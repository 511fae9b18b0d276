import socket
from pathlib import Path

import pytest

from devstack.errors import StackError
from devstack.ports import PortBook, is_free


def test_each_name_keeps_its_port_and_no_two_share_one() -> None:
    book = PortBook()
    ports = {name: book.port(name) for name in ("kafka", "postgres", "redis", "gateway")}
    assert len(set(ports.values())) == 4
    assert {name: book.port(name) for name in ports} == ports == book.given


def test_a_remembered_port_is_used_again() -> None:
    first = PortBook().port("kafka")
    assert PortBook(remembered={"kafka": first}).port("kafka") == first


def test_a_remembered_port_that_another_took_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert PortBook(remembered={"kafka": taken}).port("kafka") != taken


def test_a_port_of_another_stack_is_left_to_it() -> None:
    first = PortBook().port("kafka")
    assert PortBook(remembered={"kafka": first}, taken={first}).port("kafka") != first


def test_a_busy_port_asked_for_by_number_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert not is_free(taken)
        with pytest.raises(StackError, match=rf"port {taken}, asked for gateway, is in use.*stop"):
            PortBook(asked={"gateway": taken}).port("gateway")


def test_chosen_ports_are_below_those_of_outgoing_connections() -> None:
    """A client that retried a stopped server's port there once connected to itself."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert PortBook().port("postgres") < lowest
