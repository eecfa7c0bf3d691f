"""ML Commons connectors to our model server, each with the remote model that speaks through it.

A connector cannot be changed while its model is deployed, and a model keeps its id only as long
as it lives. So a changed connector is made anew beside the old one, pipelines are pointed at the
new model, and the old pair goes last: no write finds a pipeline without a model.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from plugin.assets.changes import Change, Step, diff_json
from plugin.assets.values import resolve
from plugin.assets.wanted import Wanted, fingerprint, mark, signed
from plugin.cluster import Cluster, ResponseError
from plugin.errors import AssetError, MissingIndex, Unavailable

_ML = "/_plugins/_ml"
_DEPLOY_S = 90.0
# After a restart of the node, ML Commons deploys again by itself.
_DEPLOYED = frozenset({"DEPLOYED", "PARTIALLY_DEPLOYED", "DEPLOYING"})


@dataclass(frozen=True, slots=True)
class Pair:
    """A connector in the cluster and its model, if it has one."""

    name: str
    connector_id: str
    connector: Mapping[str, Any]
    model_id: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Models:
    """The pairs of ours that are in the cluster, and which of them the files want."""

    namespace: str
    wanted: Mapping[str, Mapping[str, Any]]
    pairs: tuple[Pair, ...]

    def current(self, logical: str) -> Pair | None:
        """The pair that is as the files say, if there is one."""
        body = self.wanted[logical]
        name = f"{self.namespace}-{logical}"
        return next(
            (pair for pair in self.pairs if pair.name == name and _same(body, pair.connector)), None
        )

    def id_of(self, placeholder: str) -> str | None:
        """The model id that ``model:<logical name>`` stands for, None while there is none."""
        sort, _, logical = placeholder.partition(":")
        if sort != "model" or logical not in self.wanted:
            return None
        pair = self.current(logical)
        return pair.model_id if pair else None

    def resolved(self, body: Any) -> Any:
        """``body`` with the ids of the models that are there; others stay placeholders."""
        return resolve(body, self.id_of)

    def read_again(self, cluster: Cluster) -> Models:
        """The same as it is in the cluster now."""
        return Models(self.namespace, self.wanted, _pairs(cluster, self.namespace))


def read(cluster: Cluster, wanted: Wanted) -> Models:
    """Our connectors and models, as they are in the cluster."""
    bodies = {
        logical: signed(body["connector"], wanted.namespace, fingerprint(body))
        for logical, body in wanted.connectors.items()
    }
    pairs = _pairs(cluster, wanted.namespace) if wanted.models else ()
    return Models(wanted.namespace, bodies, pairs)


def steps(cluster: Cluster, wanted: Wanted, models: Models) -> Iterator[Step]:
    """What it takes to have exactly the connectors of the files, their models deployed."""
    keep: set[str] = set()
    for logical, body in models.wanted.items():
        name = f"{wanted.namespace}-{logical}"
        pair = models.current(logical)
        about = wanted.connectors[logical].get("model", {})
        if pair is None:
            others = [other for other in models.pairs if other.name == name]
            make = partial(_make, cluster, name, body, about)
            if others:
                diff = diff_json(_shown(others[0].connector, body), _shown(body, body))
                why = "its content differs; made anew, the old one is deleted"
                yield Step(Change("connector", "replace", name, why, diff), make)
            else:
                diff = diff_json({}, _shown(body, body))
                yield Step(Change("connector", "create", name, "not there yet", diff), make)
            continue
        keep.add(pair.connector_id)
        if pair.model_id is None:
            model = partial(_register, cluster, name, pair.connector_id, about)
            yield Step(Change("connector", "deploy", name, "it has no model"), model)
        elif pair.state not in _DEPLOYED:
            deploy = partial(_deploy, cluster, pair.model_id)
            why = f"its model is {pair.state or 'not deployed'}"
            yield Step(Change("connector", "deploy", name, why), deploy)
    for pair in models.pairs:
        if pair.connector_id not in keep:
            gone = pair.name.removeprefix(f"{wanted.namespace}-") not in wanted.connectors
            why = "no longer in the files" if gone else f"replaced ({pair.connector_id})"
            change = Change("connector", "delete", pair.name, why)
            yield Step(change, partial(_delete, cluster, pair))


def _pairs(cluster: Cluster, namespace: str) -> tuple[Pair, ...]:
    ours = mark(namespace)[:-1] + ":"
    connectors = {
        hit["_id"]: hit["_source"]
        for hit in _search(cluster, f"{_ML}/connectors/_search", namespace)
        if ours in str(hit["_source"].get("description", ""))
    }
    models = {
        hit["_source"].get("connector_id"): hit
        for hit in _search(cluster, f"{_ML}/models/_search", namespace)
    }
    pairs: list[Pair] = []
    for connector_id, connector in sorted(connectors.items()):
        model = models.get(connector_id)
        source = model["_source"] if model else {}
        pairs.append(
            Pair(
                name=str(connector.get("name")),
                connector_id=connector_id,
                connector=connector,
                model_id=model["_id"] if model else None,
                state=str(source.get("model_state", "")),
            )
        )
    return tuple(pairs)


def _search(cluster: Cluster, path: str, namespace: str) -> list[Any]:
    body = {"size": 1000, "query": {"prefix": {"name.keyword": f"{namespace}-"}}}
    try:
        found = cluster.request("POST", path, body)
    except MissingIndex:
        return []  # Before the first connector, ML Commons has no index for them.
    except ResponseError as error:
        if error.response_status == 404:
            return []
        raise
    return list(found["hits"]["hits"])


def _shown(connector: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a stored connector that our file speaks of, in the file's own form."""
    shown: dict[str, Any] = {}
    for key in body:
        # The credential is encrypted when it is stored, the name is ours by construction.
        if key not in ("credential", "name", "description"):
            shown[key] = _plain(connector.get(key), body[key])
    return shown


def _plain(stored: Any, given: Any) -> Any:
    """``stored`` reduced to the keys of ``given``, with scalars as texts."""
    if isinstance(given, Mapping):
        source = stored if isinstance(stored, Mapping) else {}
        return {key: _plain(source.get(key), value) for key, value in given.items()}
    if isinstance(given, list):
        source_list = stored if isinstance(stored, list) else []
        pairs = zip(source_list, [*given, *source_list[len(given) :]], strict=False)
        return [_plain(item, model) for item, model in pairs]
    if isinstance(stored, bool):
        return str(stored).lower()
    text = "" if stored is None else str(stored)
    return text.lower() if text.isupper() else text


def _same(body: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    return bool(stored.get("description") == body["description"]) and (
        _shown(stored, body) == _shown(body, body)
    )


def _make(cluster: Cluster, name: str, body: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    try:
        made = cluster.request("POST", f"{_ML}/connectors/_create", {**body, "name": name})
    except ResponseError as error:
        raise AssetError(_refused(name, body, error)) from error
    _register(cluster, name, made["connector_id"], about)


def _refused(name: str, body: Mapping[str, Any], error: ResponseError) -> str:
    message = f"ML Commons refuses the connector {name}: {error.message}."
    if "trusted" in error.message or "private" in error.message.lower():
        endpoint = re.escape(str(body.get("parameters", {}).get("endpoint", "")))
        message += (
            " ltrr changes no settings of a cluster that it did not start: ask for "
            f'plugins.ml_commons.trusted_connector_endpoints_regex: ["^{endpoint}/.*$"] and, for '
            "an address in a private network, plugins.ml_commons.connector.private_ip_enabled: "
            "true. Or set LTRR_ENRICHMENT=client."
        )
    return message


def _register(cluster: Cluster, name: str, connector_id: str, about: Mapping[str, Any]) -> None:
    body = {**about, "name": name, "function_name": "remote", "connector_id": connector_id}
    task = cluster.request("POST", f"{_ML}/models/_register", body, params={"deploy": "true"})
    _wait(cluster, task["task_id"])


def _deploy(cluster: Cluster, model_id: str) -> None:
    task = cluster.request("POST", f"{_ML}/models/{model_id}/_deploy")
    _wait(cluster, task["task_id"])


def _wait(cluster: Cluster, task_id: str) -> None:
    state = _poll(
        lambda: cluster.get(f"{_ML}/tasks/{task_id}"),
        lambda task: task.get("state") in ("COMPLETED", "COMPLETED_WITH_ERROR", "FAILED"),
    )
    if state.get("state") != "COMPLETED":
        raise AssetError(f"a model could not be deployed: {state.get('error', state)}")


def _poll(look: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + _DEPLOY_S
    while not good(seen := look()):
        if time.monotonic() > deadline:
            raise Unavailable(f"ML Commons is not done after {_DEPLOY_S:.0f} s: {seen}")
        time.sleep(0.1)
    return seen


def _delete(cluster: Cluster, pair: Pair) -> None:
    if pair.model_id is not None:
        cluster.request("POST", f"{_ML}/models/{pair.model_id}/_undeploy")
        cluster.request("DELETE", f"{_ML}/models/{pair.model_id}")
    cluster.request("DELETE", f"{_ML}/connectors/{pair.connector_id}")
