"""The page is served with what keeps hostile texts harmless, and loads nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bandit_service import console

FOLDER = Path(console.__file__).parent
FILES = sorted([*FOLDER.glob("static/*"), *FOLDER.glob("templates/*")])
MODULES = sorted(FOLDER.glob("static/*.js"))


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    app.config[console.EXAMPLES] = ("one", "<b>two</b>")
    app.register_blueprint(console.blueprint)
    app.add_url_rule("/", view_func=console.page)
    return app.test_client()


def test_the_page_forbids_inline_scripts_and_other_hosts(client: FlaskClient) -> None:
    with client.get("/") as response:
        policy = response.headers["Content-Security-Policy"]
        assert response.mimetype == "text/html"
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nothing_is_loaded_from_elsewhere(file: Path) -> None:
    addresses = set(re.findall(r"https?://[^\s\"'`)]+", file.read_text()))
    assert addresses <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_modules_build_no_markup_from_strings(module: Path) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(forbidden, module.read_text())


def test_the_page_has_no_inline_script_style_or_handler() -> None:
    html = (FOLDER / "templates" / "console.html").read_text()
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)


def test_everything_that_the_page_and_its_modules_name_is_served(client: FlaskClient) -> None:
    html = (FOLDER / "templates" / "console.html").read_text()
    named = set(re.findall(r'"(/_ltrr/console/[\w.]+)"', html))
    for module in MODULES:
        found = re.findall(r'from "\./([\w.]+)"', module.read_text())
        named |= {f"/_ltrr/console/{name}" for name in found}
    assert len(named) > 10
    for path in named:
        with client.get(path) as response:
            assert response.status_code == 200, path
            assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_modules_have_the_type_that_browsers_insist_on(client: FlaskClient) -> None:
    with client.get("/_ltrr/console/main.js") as response:
        assert response.mimetype in ("text/javascript", "application/javascript")


def test_example_queries_are_data_of_the_app(client: FlaskClient) -> None:
    assert client.get("/_ltrr/console/examples").json == {"examples": ["one", "<b>two</b>"]}


def test_an_unchanged_file_is_not_sent_again(client: FlaskClient) -> None:
    with client.get("/_ltrr/console/main.js") as first:
        tag = first.headers["ETag"]
    with client.get("/_ltrr/console/main.js", headers={"If-None-Match": tag}) as again:
        assert again.status_code == 304
