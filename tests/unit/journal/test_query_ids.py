"""Query ids: recognised by every sidecar, forged by nobody."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandit_service.journal.query_ids import LENGTH, QueryIds
from plugin.errors import InvalidRequest, NotFound

IDS = QueryIds("a secret")


@given(st.integers(0, 2**24 - 1))
def test_an_id_names_its_journal_index(generation: int) -> None:
    assert IDS.verify(IDS.issue(generation)) == generation


def test_ids_differ_and_are_safe_in_an_address_a_shell_and_a_document_id() -> None:
    ids = [IDS.issue(1) for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(len(one) == LENGTH for one in ids)
    assert set("".join(ids)) <= set(string.ascii_lowercase + "234567")


def test_another_sidecar_with_the_same_secret_knows_it() -> None:
    assert QueryIds("a secret").verify(IDS.issue(7)) == 7


def test_an_id_signed_with_another_secret_was_never_given_out() -> None:
    with pytest.raises(NotFound, match="never given out"):
        QueryIds("another secret").verify(IDS.issue(1))


def test_every_change_of_one_letter_is_noticed() -> None:
    good = IDS.issue(1)
    for place in range(LENGTH):
        other = "a" if good[place] != "a" else "b"
        with pytest.raises(NotFound):
            IDS.verify(good[:place] + other + good[place + 1 :])


@pytest.mark.parametrize(
    "garbled", ["", "x", "a" * 31, "a" * 33, "A" * 32, "1" * 32, "é" * 32, "=" * 32, "a" * 10_000]
)
def test_what_has_not_the_form_is_a_clear_error(garbled: str) -> None:
    with pytest.raises(InvalidRequest, match="is not a query id"):
        IDS.verify(garbled)


@given(st.text(max_size=40))
def test_no_text_at_all_passes(text: str) -> None:
    with pytest.raises((InvalidRequest, NotFound)):
        IDS.verify(text)


def test_there_are_no_ids_without_a_secret() -> None:
    with pytest.raises(InvalidRequest, match="LTRR_SECRET"):
        QueryIds("")
