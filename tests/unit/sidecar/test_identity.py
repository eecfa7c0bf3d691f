"""Raw ids of people end at the edge."""

from __future__ import annotations

import pytest

from bandit_service.api.identity import Identity, is_admin
from plugin.errors import InvalidRequest


def test_the_same_id_has_the_same_hash_and_no_trace_of_itself() -> None:
    identity = Identity("key")
    first = identity.session("ann")
    assert first == Identity("key").session("ann")
    assert first is not None
    assert len(first) == 32
    assert "ann" not in first


def test_hashes_differ_by_key_by_kind_and_by_id() -> None:
    identity = Identity("key")
    hashes = {
        identity.session("ann"),
        identity.user("ann"),
        identity.session("bob"),
        Identity("other key").session("ann"),
    }
    assert len(hashes) == 4


def test_nobody_stays_nobody() -> None:
    assert Identity("key").session(None) is None
    assert Identity("key").user("") is None


def test_any_text_can_be_an_id() -> None:
    assert Identity("key").user("\ud800\x00💔")


def test_hashes_without_a_key_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="LTRR_SECRET"):
        Identity("")


@pytest.mark.parametrize(
    ("header", "token", "admin"),
    [
        ("Bearer right", "right", True),
        ("bearer  right ", "right", True),
        ("Bearer wrong", "right", False),
        ("Basic right", "right", False),
        ("Bearer", "right", False),
        (None, "right", False),
        ("Bearer ", "", False),
        ("Bearer ü", "right", False),
    ],
)
def test_only_who_bears_the_token_is_admin(header: str | None, token: str, admin: bool) -> None:
    assert is_admin(header, token) is admin
