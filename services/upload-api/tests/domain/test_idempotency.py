import pytest
from hypothesis import given
from hypothesis import strategies as st

from upload_api.domain.idempotency import KeyInvalid, fingerprint, read_key

CHARACTERS = st.characters(min_codepoint=0x20, max_codepoint=0x7E)


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([], None),
        (['"8e03978e-40d5"'], "8e03978e-40d5"),
        (["8e03978e-40d5"], "8e03978e-40d5"),
        ([' "a b" '], "a b"),
        (['"a\\"b\\\\"'], 'a"b\\'),
        (["x" * 200], "x" * 200),
    ],
)
def test_a_key_is_read_quoted_and_bare(headers: list[str], key: str | None) -> None:
    assert read_key(headers) == key


@pytest.mark.parametrize(
    "headers", [[""], ['""'], ["a b"], ['"a'], ["é"], ['"é"'], ["x" * 201], ["a", "a"], ["a,b"]]
)
def test_what_is_no_key_is_refused(headers: list[str]) -> None:
    with pytest.raises(KeyInvalid):
        read_key(headers)


@given(st.text(CHARACTERS, min_size=1, max_size=200))
def test_any_text_is_a_key_in_quotes(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    assert read_key([f'"{quoted}"']) == text


def test_a_fingerprint_is_of_content_and_fields_in_any_order_and_not_of_the_way_it_came() -> None:
    first = fingerprint(b"a", {"target": "orders", "sheet": "", "mode": "insert"})
    assert first == fingerprint(b"a", {"mode": "insert", "target": "orders", "previewId": "7"})
    assert first != fingerprint(b"b", {"target": "orders", "mode": "insert"})
    assert first != fingerprint(b"a", {"target": "orders", "mode": "upsert"})
    assert first != fingerprint(b"a", {"target": "orders"})
