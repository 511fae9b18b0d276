import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upload_api.domain.upload_form import (
    PREVIEW_FIELDS,
    UPLOAD_FIELDS,
    FieldRefused,
    UploadForm,
    read_form,
)

JOB = "8a4f1c52-0f6e-4c0f-9d8c-0a52d6d6a001"


def test_an_empty_form_asks_for_nothing() -> None:
    empty = {"target": "", "mode": "", "dryRun": "", "correctionOf": "", "maxErrorPercent": ""}
    assert read_form({}, UPLOAD_FIELDS) == read_form(empty, UPLOAD_FIELDS) == UploadForm()


def test_every_field_is_read() -> None:
    form = read_form(
        {
            "target": "orders",
            "sheet": "Data",
            "headerLine": "3",
            "mapping": '{"columns": {"Order no": " order_id ", "C": null}}',
            "mode": "skip_existing",
            "dryRun": "TRUE",
            "maxErrorPercent": "2.5",
            "previewId": JOB,
        },
        UPLOAD_FIELDS,
    )
    assert form == UploadForm(
        target="orders",
        sheet="Data",
        header_line=3,
        mapping={"Order no": "order_id", "C": None},
        mode="skip_existing",
        dry_run=True,
        max_error_percent=2.5,
        preview_id=UUID(JOB),
    )
    assert read_form({"mappingName": "monthly"}, UPLOAD_FIELDS).mapping_name == "monthly"
    assert read_form({"keep": "1"}, PREVIEW_FIELDS).keep


@pytest.mark.parametrize(
    ("fields", "code", "named"),
    [
        ({"dryrun": "true"}, "FIELD_UNKNOWN", "dryrun"),
        ({"keep": "true"}, "FIELD_UNKNOWN", "keep"),
        ({"unknown": ""}, "FIELD_UNKNOWN", "unknown"),
        ({"mode": "replace"}, "FIELD_INVALID", "mode"),
        ({"dryRun": "maybe"}, "FIELD_INVALID", "dryRun"),
        ({"correctionOf": "7"}, "FIELD_INVALID", "correctionOf"),
        ({"previewId": "7"}, "FIELD_INVALID", "previewId"),
        ({"headerLine": "0"}, "FIELD_INVALID", "headerLine"),
        ({"headerLine": "1.5"}, "FIELD_INVALID", "headerLine"),
        ({"correctionOf": JOB, "headerLine": "2"}, "FIELD_CONFLICT", "headerLine"),
        ({"maxErrorPercent": "150"}, "FIELD_INVALID", "maxErrorPercent"),
        ({"maxErrorPercent": "-1"}, "FIELD_INVALID", "maxErrorPercent"),
        ({"maxErrorPercent": "nan"}, "FIELD_INVALID", "maxErrorPercent"),
        ({"maxErrorPercent": "many"}, "FIELD_INVALID", "maxErrorPercent"),
        ({"mappingName": "a/b"}, "FIELD_INVALID", "mappingName"),
        ({"mappingName": "a\0"}, "FIELD_INVALID", "mappingName"),
        ({"mapping": "{"}, "FIELD_INVALID", "mapping"),
        ({"mapping": "[" * 60_000}, "FIELD_INVALID", "mapping"),
        ({"mapping": '{"columns": {}}'}, "FIELD_INVALID", "mapping"),
        ({"mapping": '{"a": "b"}'}, "FIELD_INVALID", "mapping"),
        ({"mapping": '{"columns": {"a": 1}}'}, "FIELD_INVALID", "mapping"),
        ({"mapping": '{"columns": {" ": "a"}}'}, "FIELD_INVALID", "mapping"),
        ({"mapping": '{"columns": {"a": "b"}}', "mappingName": "m"}, "FIELD_CONFLICT", "mapping"),
        ({"correctionOf": JOB, "mode": "insert"}, "FIELD_CONFLICT", "mode"),
        ({"correctionOf": JOB, "target": "orders"}, "FIELD_CONFLICT", "target"),
        ({"correctionOf": JOB, "dryRun": "true"}, "FIELD_CONFLICT", "dryRun"),
        ({"encoding": "klingon"}, "ENCODING_UNKNOWN", "encoding"),
    ],
)
def test_a_field_that_means_nothing_is_refused_by_its_name(
    fields: dict[str, str], code: str, named: str
) -> None:
    with pytest.raises(FieldRefused) as refused:
        read_form(fields, UPLOAD_FIELDS)
    assert refused.value.code == code
    members = refused.value.members
    assert named in members.get("fields", [members.get("field")])
    assert len(refused.value.message) < 1000


def test_a_correction_may_say_that_it_is_no_dry_run() -> None:
    form = read_form({"correctionOf": JOB, "dryRun": "false"}, UPLOAD_FIELDS)
    assert (form.correction_of, form.dry_run) == (UUID(JOB), False)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda i: st.dictionaries(st.text(), i)))
def test_any_json_is_a_mapping_or_is_refused(raw: Any) -> None:
    try:
        form = read_form({"mapping": json.dumps({"columns": raw})}, UPLOAD_FIELDS)
    except FieldRefused as refused:
        code = refused.code
    else:
        code = ""
        assert form.mapping is not None
        assert form.mapping.keys() == raw.keys()
    assert code in {"", "FIELD_INVALID"}
