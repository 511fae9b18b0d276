import os
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from conftest import Api


def test_a_sweep_deletes_what_belongs_to_no_job(api: "Api", add_job: Callable[[str], UUID]) -> None:
    kept, orphan, young = add_job("anna"), uuid4(), uuid4()
    for name in (str(kept), str(orphan), f".{orphan}.part", str(young)):
        (api.files / name).write_bytes(b"x")
        if name != str(young):
            os.utime(api.files / name, (0, 0))
    assert set(api.parts.sweeper.sweep()) == {str(orphan), f".{orphan}.part"}
    assert api.stored() == sorted([str(kept), str(young)])
