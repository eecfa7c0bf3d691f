"""The console: a page for people, served beside the API that it uses.

The page is plain HTML, CSS and small ES modules of our own; it loads nothing from elsewhere. It
knows no domain: what it writes on a card is what the entity's fields say. Texts reach the page as
data only, and the content security policy holds even if a module forgot that (no inline script,
and `require-trusted-types-for` makes the browser refuse HTML built from strings).
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, send_file

EXAMPLES = "LTRR_EXAMPLES"
"""Key of the Flask config under which an app may offer example queries: a sequence of strings."""

_HERE = Path(__file__).parent

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Kept, but asked about each time: a new version of the sidecar must not meet old modules.
    "Cache-Control": "no-cache",
}

blueprint = Blueprint(
    "console",
    __name__,
    url_prefix="/_ltrr/console",
    static_folder="static",
    static_url_path="",
)


def page() -> Response:
    """The page itself, for whoever serves ``GET /`` to browsers."""
    response = send_file(_HERE / "templates" / "console.html", conditional=True)
    response.headers.update(_HEADERS)
    return response


@blueprint.get("/examples")
def examples() -> Response:
    """Queries to begin with: ``{"examples": [...]}``, empty where the app offers none."""
    return jsonify(examples=[str(query) for query in current_app.config.get(EXAMPLES, ())])


@blueprint.after_request
def _guard(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
