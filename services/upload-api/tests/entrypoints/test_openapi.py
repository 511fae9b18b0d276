"""The interface's own description tells every status that the controls and operations answer."""

from typing import TYPE_CHECKING, get_args

import pytest

from csv_reader import CsvErrorCode
from upload_api.domain.intake import status_of_workbook_error
from upload_api.domain.upload_form import PREVIEW_FIELDS, UPLOAD_FIELDS
from xlsx_reader import WorkbookErrorCode

if TYPE_CHECKING:
    from conftest import Api

SIGNED_IN = {"401", "503"}
CONTROL = SIGNED_IN | {"202", "400", "403", "404", "409"}
OPERATOR = SIGNED_IN | {"403"}
UPLOAD = {"200", "400", "404", "408", "413", "415", "422", "507"}
DOCUMENTED = {
    ("post", "/api/upload/excel"): SIGNED_IN | UPLOAD | {"403", "409", "429"},
    ("post", "/api/upload/preview"): SIGNED_IN | UPLOAD | {"403"},
    ("get", "/api/mappings"): SIGNED_IN | {"200", "400"},
    ("get", "/api/mappings/{name}"): SIGNED_IN | {"200", "400", "404"},
    ("put", "/api/mappings/{name}"): SIGNED_IN | {"200", "400", "403", "422"},
    ("delete", "/api/mappings/{name}"): SIGNED_IN | {"204", "400", "403", "404"},
    ("post", "/api/jobs/{job_id}/pause"): CONTROL,
    ("post", "/api/jobs/{job_id}/resume"): CONTROL,
    ("post", "/api/jobs/{job_id}/cancel"): CONTROL,
    ("post", "/api/jobs/{job_id}/retry"): CONTROL | {"429"},
    ("post", "/api/jobs/{job_id}/undo"): CONTROL,
    ("get", "/api/jobs/{job_id}/undo"): SIGNED_IN | {"200", "400", "403", "404"},
    ("get", "/api/targets/{name}"): SIGNED_IN | {"200", "404"},
    ("get", "/api/targets/{name}/template.xlsx"): SIGNED_IN | {"200", "404"},
    ("get", "/api/ops/dlq"): OPERATOR | {"200", "400"},
    ("get", "/api/ops/dlq/summary"): OPERATOR | {"200", "400"},
    ("get", "/api/ops/dlq/{dead_letter_id}"): OPERATOR | {"200", "400", "404"},
    ("post", "/api/ops/dlq/replays"): OPERATOR | {"200", "202", "422"},
    ("get", "/api/ops/dlq/replays/{replay_id}"): OPERATOR | {"200", "400", "404"},
    ("post", "/api/ops/dlq/discards"): OPERATOR | {"200", "422"},
    ("post", "/api/ops/dlq/resume"): OPERATOR | {"200"},
    ("get", "/api/ops/consumers"): OPERATOR | {"200"},
}


@pytest.mark.parametrize(("method", "path"), DOCUMENTED)
def test_a_route_documents_what_it_answers(api: "Api", method: str, path: str) -> None:
    paths = api.client.get("/openapi.json").json()["paths"]
    assert DOCUMENTED[method, path] <= set(paths[path][method]["responses"])


def test_uploads_and_previews_document_every_way_that_a_file_can_be_refused(api: "Api") -> None:
    paths = api.client.get("/openapi.json").json()["paths"]
    in_files = {*get_args(WorkbookErrorCode), *get_args(CsvErrorCode)}
    for path in ("/api/upload/excel", "/api/upload/preview"):
        route = paths[path]["post"]
        told = {
            code: example["value"]["status"]
            for status, answer in route["responses"].items()
            if status != "200"
            for code, example in answer["content"]["application/problem+json"]["examples"].items()
        }
        assert in_files <= told.keys()
        assert {told[code] for code in in_files} == {415, 422}
        assert all(told[code] == status_of_workbook_error(code) for code in in_files)
        known = UPLOAD_FIELDS if path.endswith("excel") else PREVIEW_FIELDS
        form = route["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
        assert set(form) == {"file", *known}
        assert all("description" in field for name, field in form.items() if name != "file")


def test_only_what_takes_a_slot_documents_that_there_may_be_none(api: "Api") -> None:
    paths = api.client.get("/openapi.json").json()["paths"]
    takers = {path for path, routes in paths.items() if "TOO_MANY_JOBS" in str(routes)}
    assert takers == {"/api/upload/excel", "/api/jobs/{job_id}/retry"}
