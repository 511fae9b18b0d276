from pathlib import Path

from devstack.endpoints import PARTS, VARIABLES, Endpoint, Endpoints
from devstack.ports import PortBook
from devstack.services import Placement, SluiceOptions, preparations, service_specs

ENDPOINTS = Endpoints({part: Endpoint(part, f"{part}.example:1", "environment") for part in PARTS})


def placement(folder: Path) -> Placement:
    return Placement(
        folder=folder, targets_dir=folder / "targets", port=PortBook().port, password="s3cret"
    )


def test_every_service_knows_where_the_parts_are_and_where_it_is_asked(tmp_path: Path) -> None:
    specs = service_specs(ENDPOINTS, placement(tmp_path), SluiceOptions())
    for spec in specs:
        assert [spec.env[VARIABLES[part]] for part in PARTS] == [
            f"{part}.example:1" for part in PARTS
        ]
        assert spec.env["SLUICE_STORAGE_URL"] == f"file://{tmp_path}/files"
        assert spec.filled(0, spec.ready) == f"http://127.0.0.1:{spec.ports[0]}/readyz"


def test_no_two_processes_share_a_port(tmp_path: Path) -> None:
    options = SluiceOptions(writers=3, parsers=2)
    specs = service_specs(ENDPOINTS, placement(tmp_path), options)
    ports = [port for spec in specs for port in spec.ports]
    assert len(ports) == len(set(ports)) == 9
    assert {spec.name: spec.replicas for spec in specs}["writer"] == 3


def test_the_gateway_forwards_to_the_upload_api_of_the_same_stack(tmp_path: Path) -> None:
    specs = {
        spec.name: spec for spec in service_specs(ENDPOINTS, placement(tmp_path), SluiceOptions())
    }
    upload_port = specs["upload-api"].ports[0]
    forwards_to = specs["progress-gateway"].env["SLUICE_UPLOAD_API_URL"]
    assert forwards_to == f"http://127.0.0.1:{upload_port}"


def test_a_caller_may_tune_services_and_leave_one_out(tmp_path: Path) -> None:
    options = SluiceOptions(env={"SLUICE_CHUNK_ROWS": "7"}, without=frozenset({"writer"}))
    specs = service_specs(ENDPOINTS, placement(tmp_path), options)
    assert "writer" not in {spec.name for spec in specs}
    assert {spec.env["SLUICE_CHUNK_ROWS"] for spec in specs} == {"7"}


def test_one_service_alone_can_be_told_something(tmp_path: Path) -> None:
    options = SluiceOptions(env_of={"writer": {VARIABLES["redis"]: "redis://proxy:1"}})
    specs = service_specs(ENDPOINTS, placement(tmp_path), options)
    told = {spec.name for spec in specs if spec.env[VARIABLES["redis"]] == "redis://proxy:1"}
    assert told == {"writer"}


def test_no_secret_stands_in_an_argument(tmp_path: Path) -> None:
    """Arguments are seen by every user of the machine."""
    where, options = placement(tmp_path), SluiceOptions()
    arguments = [
        *(part for spec in service_specs(ENDPOINTS, where, options) for part in spec.argv),
        *(part for command in preparations(ENDPOINTS, where, options) for part in command.argv),
    ]
    assert not any("s3cret" in argument for argument in arguments)
    assert preparations(ENDPOINTS, where, options)[-1].env["SLUICE_DEMO_PASSWORD"] == "s3cret"
