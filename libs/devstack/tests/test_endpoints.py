import pytest

from devstack.endpoints import PARTS, Endpoint, Endpoints, given_endpoints, native_parts


def test_only_the_wanted_parts_that_the_environment_names_are_given() -> None:
    environ = {
        "SLUICE_KAFKA_BOOTSTRAP": "broker:9092",
        "SLUICE_REDIS_URL": "redis://cache/0",
        "SLUICE_DATABASE_URL": "",
    }
    assert given_endpoints(environ, ("kafka", "postgres")) == [
        Endpoint("kafka", "broker:9092", "environment")
    ]
    assert [found.part for found in given_endpoints(environ, PARTS)] == ["kafka", "redis"]


def test_services_find_the_parts_by_the_variables_that_can_give_them() -> None:
    found = [
        Endpoint("kafka", "127.0.0.1:1", "native"),
        Endpoint("postgres", "postgresql://u:p@127.0.0.1:2/d", "native"),
        Endpoint("redis", "redis://127.0.0.1:3/0", "native"),
    ]
    environment = Endpoints({}).merged(found).environment()
    assert [each.address for each in given_endpoints(environment, PARTS)] == [
        each.address for each in found
    ]


def test_a_part_that_was_not_asked_for_says_how_to_ask() -> None:
    with pytest.raises(KeyError, match="ask for it with parts"):
        Endpoints({}).address("redis")


def test_native_programs_are_for_parts_that_neither_docker_nor_the_environment_has() -> None:
    assert native_parts({}) == ("kafka", "postgres", "redis")
    assert native_parts({"STACK": "docker"}) == ()
    assert native_parts({"SLUICE_KAFKA_BOOTSTRAP": "h:1"}) == ("postgres", "redis")
