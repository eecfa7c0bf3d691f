"""Whose requests they are: public addresses, what proxies say, and what backends say."""

from __future__ import annotations

import pytest
from flask import Flask, request

from bandit_service.api.clients import client_of


def asked(connected: str | None, forwarded: str | None = None, given: str | None = None):
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    environ = {"REMOTE_ADDR": connected} if connected is not None else {}
    with Flask("t").test_request_context(headers=headers, environ_base=environ):
        return client_of(request, given)


@pytest.mark.parametrize(
    ("connected", "forwarded", "given", "client"),
    [
        ("8.8.8.8", None, None, "8.8.8.8"),
        # Who connects by themselves can say what they like.
        ("8.8.8.8", "1.1.1.1", "me", "8.8.8.8"),
        ("10.0.0.7", "9.9.9.9, 1.1.1.1", "me", "1.1.1.1"),
        ("127.0.0.1", "9.9.9.9, 1.1.1.1, 10.0.0.3", None, "1.1.1.1"),
        ("127.0.0.1", "nonsense, , unknown", "me", "me"),
        ("127.0.0.1", None, "me", "me"),
        ("127.0.0.1", None, None, None),
        ("", None, "me", "me"),
        # Each has 2**64 addresses to send from.
        ("2606:4700:10:20:1:2:3:4", None, None, "2606:4700:10:20::/64"),
        ("2606:4700:10:20:ffff::1", None, None, "2606:4700:10:20::/64"),
        ("::ffff:8.8.8.8", None, None, "8.8.8.8"),
        ("::ffff:10.0.0.1", None, None, None),
        ("fe80::1%eth0", None, None, None),
    ],
)
def test_the_nearest_public_address_is_the_client(
    connected: str, forwarded: str | None, given: str | None, client: str | None
) -> None:
    assert asked(connected, forwarded, given) == client
