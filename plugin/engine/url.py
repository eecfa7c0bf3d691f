"""A cluster that somebody else runs: we only look at it."""

from __future__ import annotations

from plugin.engine.base import Running
from plugin.engine.http import Http
from plugin.errors import EngineError, NodeUnavailable

# The part of a plugin's name that tells it → what is missing without it.
_PLUGINS = {
    "knn": "k-NN is not installed there: the dense strategies cannot work",
    "neural-search": "neural search is not installed there: sparse vectors cannot be searched",
    "ml": "ML Commons is not installed there: the client computes vectors and predicted queries",
}


class UrlEngine:
    """The cluster at ``url``."""

    def __init__(self, url: str, *, user: str = "", password: str = "") -> None:
        self._url = url.rstrip("/")
        self._user = user
        self._password = password

    def up(self) -> Running:
        """Check that it answers, and say what it is.

        Raises:
            NodeUnavailable: it does not answer.
            EngineError: something else answers, or it refuses our credentials.
        """
        with Http(self._url, user=self._user, password=self._password) as http:
            status, banner = http.send("GET", "/")
            listed = http.ask("GET", "/_cat/plugins?format=json") if status == 200 else None
        if status == 0 or status >= 500:
            raise NodeUnavailable(
                f"OpenSearch at {self._url} does not answer ({status or banner}). OPENSEARCH_URL"
                " says where it is; LTRR_ENGINE=embedded runs a node here instead."
            )
        if status in (401, 403):
            raise EngineError(
                f"OpenSearch at {self._url} refuses our credentials ({status})."
                " Set OPENSEARCH_USER and OPENSEARCH_PASSWORD."
            )
        version = banner.get("version", {}) if isinstance(banner, dict) else {}
        if version.get("distribution") != "opensearch":
            raise EngineError(
                f"what answers at {self._url} is not OpenSearch. Check OPENSEARCH_URL."
            )
        plugins = tuple(sorted({one["component"] for one in listed})) if listed else ()
        have = {kind: any(_is(name, kind) for name in plugins) for kind in _PLUGINS}
        notes = [_PLUGINS[kind] for kind, there in have.items() if not there]
        if not plugins:
            notes = ["its plugins cannot be listed; k-NN is needed for the dense strategies"]
        return Running(
            url=self._url,
            engine="url",
            version=version["number"],
            plugins=plugins,
            ml_commons=have["ml"],
            notes=tuple(notes),
        )

    def down(self) -> bool:
        """Leave it alone: it is not ours."""
        return False

    def status(self) -> Running | None:
        """The cluster, if it answers and is usable."""
        try:
            return self.up()
        except (NodeUnavailable, EngineError):
            return None


def _is(plugin: str, kind: str) -> bool:
    return plugin.removeprefix("opensearch-") == kind
