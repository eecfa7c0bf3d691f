"""Whatever is sent, the answer is a page or a 4xx that says what is wrong; never a 500."""

from __future__ import annotations

import io
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from small_world import Search

pytestmark = pytest.mark.integration

JSON = {"Content-Type": "application/json"}


def message(answer: Any) -> str:
    assert answer.is_json, answer.data
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"code", "message"}
    text: str = answer.json["error"]["message"]
    return text


def test_hostile_texts_get_a_page(look: FlaskClient) -> None:
    for query in (
        "{{#toJson}}x{{/toJson}}",
        "{{text}}{{{text}}}{{/text}}",
        '" | a:1 \n',
        "title:(",
        '"}}}, "query": {"match_all": {}}',
        "\\",
        "\\u0000 \x00 \x1f",
        "love 💔 🎵",
        "愛 любовь حب",
        "a" * 2000,
        "love " * 400,
        " ".join(f"w{at}" for at in range(400)),
        "lovo " * 60,
        "<script>alert(1)</script>",
        "* ? ~ ^ : ( ) [ ] { } && || !",
        "../../_cluster/settings",
        "%00%ff",
        "\u202e\u200b\ufeff",
        "\U0010ffff",
    ):
        answer = look.post("/_ltrr/search", json={"query": query})
        assert answer.status_code == 200, (query, answer.json)
        assert answer.json["degraded"] == [], query


def test_a_template_in_a_query_is_only_a_text(find: Search) -> None:
    whole = find("love {{#toJson}}filters{{/toJson}}")
    assert "love" in [hit["id"] for hit in whole["hits"]]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not valid JSON"),
        (b"", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"query": NaN}', "not valid JSON"),
        (b'{"query": "x", "size": NaN}', "not valid JSON"),
        (b'{"query": "\\ud800"}', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'"love"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"[]", "the body"),
        (b'{"qery": "love"}', "qery: unknown field; did you mean query"),
        (b'{"query": "x", "xyzzy": 1}', "xyzzy: unknown field; there are query"),
        (b'{"query": 5}', "query: input should be a valid string"),
        (b'{"query": null}', "query: input should be a valid string"),
        (b'{"query": "x", "size": "10"}', "size: input should be a valid integer"),
        (b'{"query": "x", "size": 0}', "size: input should be greater than or equal to 1"),
        (b'{"query": "x", "size": 10000}', "size: input should be less than or equal to 100"),
        (b'{"query": "x", "size": 1e999}', ""),
        (b'{"query": "x", "size": true}', "size: input should be a valid integer"),
        (b'{"query": "x", "from": -1}', "from: input should be greater"),
        (b'{"query": "x", "types": "song"}', "types: input should be a valid list"),
        (b'{"query": "x", "types": ["\\u0000"]}', "types.0"),
        (b'{"query": "x", "session": ""}', "session"),
        (b'{"query": "x", "filters": []}', "filters: input should be a valid dictionary"),
        (b'{"query": "x", "filters": {"langage": "en"}}', "Did you mean: language"),
        (b'{"query": "x", "filters": {"published": "soon"}}', "does not fit its type, date"),
        (b'{"query": "x", "filters": {"popularity.value": 1e400}}', ""),
        (b'{"query": "x", "learn": 1}', "learn: input should be a valid boolean"),
    ],
)
def test_wrong_bodies_are_told_what_is_wrong(look: FlaskClient, body: bytes, said: str) -> None:
    answer = look.post("/_ltrr/search", data=body, headers=JSON)
    assert answer.status_code == 400
    assert said in message(answer)


def test_ten_thousand_characters_are_refused_with_the_limit(look: FlaskClient) -> None:
    answer = look.post("/_ltrr/search", json={"query": "x" * 10_000})
    assert answer.status_code == 400
    assert "at most 2000 characters" in message(answer)


def test_ten_megabytes_are_refused_with_the_limit(look: FlaskClient) -> None:
    for route in ("search", "feedback"):
        body = orjson.dumps({"query": "x" * 10_000_000})
        answer = look.post(f"/_ltrr/{route}", data=body, headers=JSON)
        assert answer.status_code == 413
        assert "1,000,000 bytes" in message(answer)


def test_a_body_that_does_not_tell_its_length_has_the_same_limit(look: FlaskClient) -> None:
    body = io.BytesIO(orjson.dumps({"query": "x" * 3_000_000}))
    answer = look.post(
        "/_ltrr/search",
        input_stream=body,
        headers={**JSON, "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413
    assert "1,000,000 bytes" in message(answer)


def test_a_body_that_is_not_declared_as_json_is_refused(look: FlaskClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = look.post("/_ltrr/search", data=b'{"query": "x"}', content_type=kind)
        assert answer.status_code == 415
        assert "Content-Type: application/json" in message(answer)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_ltrr/nothing", 404),
        ("GET", "/_ltrr/", 404),
        ("GET", "/_ltrr/search", 405),
        ("DELETE", "/_ltrr/feedback", 405),
        ("POST", "/_ltrr/health", 405),
        ("GET", "/_ltrr/explain/", 404),
        ("GET", "/_ltrr/explain/%ff%00", 400),
        ("GET", "/_ltrr/explain/" + "x" * 5000, 400),
        ("GET", "/ltrr-entities/_search", 404),
    ],
)
def test_routes_that_are_not_there_answer_as_json(
    look: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = look.open(path, method=method)
    assert answer.status_code == status
    assert message(answer)
    if status == 405:
        assert answer.headers["Allow"]
