"""A body that is too large is refused after it was read: then every client sees the answer."""

from io import BytesIO

import pytest

from bandit_service.api.body import MOST_BYTES, MOST_DRAINED, JsonRequest
from plugin.errors import TooLarge


def _request(stream: BytesIO, length: int) -> JsonRequest:
    return JsonRequest(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(length),
            "wsgi.input": stream,
        }
    )


def test_it_is_read_to_its_end() -> None:
    length = 3 * MOST_BYTES
    stream = BytesIO(b"a" * length)
    with pytest.raises(TooLarge, match="1,000,000"):
        _request(stream, length).get_json()
    assert stream.tell() == length


def test_it_is_not_read_for_ever() -> None:
    stream = BytesIO(b"a" * (MOST_DRAINED + 1))
    with pytest.raises(TooLarge):
        _request(stream, 10**12).get_json()
    assert stream.tell() == MOST_DRAINED


def test_one_that_ends_early_is_not_waited_for() -> None:
    with pytest.raises(TooLarge):
        _request(BytesIO(b"short"), 10 * MOST_BYTES).get_json()
