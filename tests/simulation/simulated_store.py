"""OpenSearch as its documentation describes it, in memory: the few requests that ltrr's journal,
learner and snapshots make, with their answers and errors.

Kept honest by ``test_store_contract.py``, which asks the same of a real node. A request that is not
known here fails loudly. On the path because ``conftest.py`` is beside it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from opensearchpy import TransportError
from scheduler import Violated

Answer = Any
Params = Mapping[str, Any]


@dataclass(slots=True)
class Doc:
    """A document, or the tombstone of one where ``source`` is None."""

    seq_no: int
    version: int
    source: bytes | None


@dataclass(slots=True)
class Index:
    """One primary shard. ``under_way``: writes that have their number and are not done yet."""

    created_at: int
    about: dict[str, Any]
    docs: dict[str, Doc] = field(default_factory=dict)
    searchable: dict[str, Doc] = field(default_factory=dict)
    under_way: set[int] = field(default_factory=set)
    next_seq: int = 0
    blocked: bool = False

    @property
    def checkpoint(self) -> int:
        """Below it every number is done."""
        return min(self.under_way, default=self.next_seq) - 1

    def refresh(self) -> None:
        """Show searches all that is done; what is under way may have a lower number."""
        hidden = self.under_way
        self.searchable = {one: doc for one, doc in self.docs.items() if doc.seq_no not in hidden}

    def live(self, doc_id: str) -> Doc | None:
        """The document as a realtime read sees it."""
        doc = self.docs.get(doc_id)
        return doc if doc is not None and doc.source is not None else None


def refused(status: int, kind: str, reason: str) -> TransportError:
    """The error that the client library makes of an error status."""
    cause = {"type": kind, "reason": reason}
    return TransportError(
        status, kind, {"error": {**cause, "root_cause": [cause]}, "status": status}
    )


def _missing(name: str) -> TransportError:
    return refused(404, "index_not_found_exception", f"no such index [{name}]")


class SimulatedStore:
    """A cluster of one node. ``now_ms`` is its clock; ``wrote`` hears of every document stored."""

    def __init__(
        self,
        now_ms: Callable[[], int],
        wrote: Callable[[str, str, Params, bytes], None] = lambda *_: None,
    ) -> None:
        self.indexes: dict[str, Index] = {}
        self.cas = True
        """Whether conditions of a write are looked at: a mutation turns them off."""
        self.creates = True
        """Whether creating refuses what is there: a mutation turns that off too."""
        self._now_ms = now_ms
        self._wrote = wrote

    def request(self, method: str, path: str, params: Params, body: Any) -> Answer:
        """Answer one request at once."""
        return self.begin(method, path, params, body)()

    def begin(self, method: str, path: str, params: Params, body: Any) -> Callable[[], Answer]:
        """Begin a request: a write has its place in the order now; calling what comes back ends
        it, and gives or raises the answer."""
        parts = path.strip("/").split("/")
        if parts[-1] == "_bulk":
            return self._bulk(parts[0] if len(parts) > 1 else None, params, body)
        answer = self._answer(method, parts, params, body)
        return lambda: answer

    def _answer(self, method: str, parts: list[str], params: Params, body: Any) -> Answer:
        match method, *parts:
            case "POST", "_mget":
                return {"docs": [self._get(one["_index"], one["_id"]) for one in body["docs"]]}
            case "GET", name, "_doc", doc_id:
                self._index(name)
                found = self._get(name, doc_id)
                if not found["found"]:
                    raise TransportError(404, "not found", found)
                return found
            case "PUT", name, "_doc", doc_id:
                return self._put(name, doc_id, params, body)
            case "PUT", name, "_create", doc_id:
                return self._put(name, doc_id, {"op_type": "create"}, body)
            case "POST", name, "_refresh":
                for index in self._named(name).values():
                    index.refresh()
                return {}
            case "POST", name, "_search":
                return self._search(name, body)
            case "GET", name, "_stats":
                return {"indices": {one: _stats(at) for one, at in self._named(name).items()}}
            case "GET", name, "_settings":
                return {
                    one: {"settings": {"index.blocks.write": "true"} if at.blocked else {}}
                    for one, at in self._named(name).items()
                }
            case "GET", name, "_alias":
                return {
                    one: {"aliases": at.about.get("aliases", {})}
                    for one, at in self._named(name).items()
                }
            case "PUT", name, "_block", "write":
                index = self._index(name)
                index.under_way.clear()  # it waits for every write under way
                index.blocked = True
                return {"acknowledged": True}
            case "PUT", name:
                if name in self.indexes:
                    reason = f"index [{name}] already exists"
                    raise refused(400, "resource_already_exists_exception", reason)
                self.indexes[name] = Index(self._now_ms(), orjson.loads(orjson.dumps(body or {})))
                return {"acknowledged": True}
            case "GET", name:
                return {one: _about(at) for one, at in self._named(name).items()}
        raise Violated(f"the simulated store does not know {method} /{'/'.join(parts)}")

    def _named(self, names: str) -> dict[str, Index]:
        found = {}
        for name in names.split(","):
            if "*" in name:
                there = fnmatch.filter(self.indexes, name)
                found.update({one: self.indexes[one] for one in sorted(there)})
            else:
                found[name] = self._index(name)
        return found

    def _index(self, name: str) -> Index:
        if name not in self.indexes:
            raise _missing(name)
        return self.indexes[name]

    def _get(self, name: str, doc_id: str) -> dict[str, Any]:
        place = {"_index": name, "_id": doc_id}
        index = self.indexes.get(name)
        if index is None:
            return {**place, "error": {"type": "index_not_found_exception", "reason": name}}
        doc = index.live(doc_id)
        if doc is None:
            return {**place, "found": False}
        place |= {"_seq_no": doc.seq_no, "_primary_term": 1, "found": True}
        return {**place, "_source": orjson.loads(doc.source or b"")}

    def _put(self, name: str, doc_id: str, params: Params, body: Any) -> Answer:
        if name not in self.indexes:
            raise Violated(f"a write would make the index {name} with guessed mappings")
        status, result = self._store(name, doc_id, params, orjson.dumps(body))
        if status >= 400:
            error = result["error"]
            raise refused(status, error["type"], error["reason"])
        self._done(name, result["_seq_no"])
        return result

    def _store(
        self, name: str, doc_id: str, params: Params, source: bytes | None
    ) -> tuple[int, dict[str, Any]]:
        index = self.indexes[name]
        if index.blocked:
            reason = f"index [{name}] blocked by: [FORBIDDEN/8/index write (api)];"
            return 403, {"error": {"type": "cluster_block_exception", "reason": reason}}
        doc, live = index.docs.get(doc_id), index.live(doc_id)
        version = int(params.get("version", doc.version + 1 if doc else 1))
        conflict = (
            (params.get("op_type") == "create" and live is not None and self.creates)
            or ("if_seq_no" in params and (live is None or int(params["if_seq_no"]) != live.seq_no))
            or ("version" in params and doc is not None and version < doc.version)
        )
        if conflict and (self.cas or "if_seq_no" not in params):
            reason = f"[{doc_id}]: version conflict"
            return 409, {"error": {"type": "version_conflict_engine_exception", "reason": reason}}
        number = index.next_seq
        index.next_seq += 1
        index.docs[doc_id] = Doc(number, version, source)
        index.under_way.add(number)
        if source is None:
            return (200 if live else 404), {"_seq_no": number, "_primary_term": 1}
        self._wrote(name, doc_id, params, source)
        return (200 if live else 201), {"_seq_no": number, "_primary_term": 1}

    def _done(self, name: str, number: int) -> None:
        self.indexes[name].under_way.discard(number)

    def _bulk(self, default: str | None, params: Params, body: str) -> Callable[[], Answer]:
        items, numbers = [], []
        for action, about, source in _bulk_lines(body):
            name = about.get("_index", default)
            if params.get("require_alias") == "true":
                name = self._behind(name)
            if name not in self.indexes:
                raise Violated(f"a write would make the index {name} with guessed mappings")
            options = {**about, "op_type": "create"} if action == "create" else about
            status, result = self._store(name, about["_id"], options, source)
            if "_seq_no" in result:
                numbers.append((name, result["_seq_no"]))
            items.append({action: {"status": status, **result}})

        def end() -> Answer:
            for name, number in numbers:
                self._done(name, number)
            return {"items": items}

        return end

    def _behind(self, alias: str) -> str:
        for name, index in self.indexes.items():
            if alias in index.about.get("aliases", {}):
                return name
        raise _missing(alias)

    def _search(self, name: str, body: Any) -> Answer:
        hits = [
            {"_index": one, "_id": doc_id, "_seq_no": doc.seq_no, "_source": source}
            for one, index in self._named(name).items()
            for doc_id, doc in index.searchable.items()
            if doc.source is not None
            and _within(body["query"], doc)
            and _matches(body["query"], doc, source := orjson.loads(doc.source))
        ]
        hits.sort(key=lambda hit: (hit["_index"], hit["_seq_no"]))
        return {"hits": {"hits": hits[: body.get("size", 10)]}}


def _within(query: Mapping[str, Any], doc: Doc) -> bool:
    """Whether ``doc`` is where the query looks: what is elsewhere need not even be read."""
    parts = query["bool"]["filter"] if "bool" in query else [query]
    return all(_matches(one, doc, {}) for one in parts if "range" in one)


def _matches(query: Mapping[str, Any], doc: Doc, source: Mapping[str, Any]) -> bool:
    ((kind, what),) = query.items()
    match kind:
        case "match_all":
            return True
        case "bool":
            return all(_matches(one, doc, source) for one in what["filter"])
        case "term":
            ((name, value),) = what.items()
            return bool(source.get(name) == value)
        case "range":
            bounds = what["_seq_no"]
            return bool(bounds["gt"] < doc.seq_no <= bounds["lte"])
    raise Violated(f"the simulated store does not know the query {kind}")


def _bulk_lines(body: str) -> Iterator[tuple[str, dict[str, Any], bytes | None]]:
    lines = iter(body.encode().splitlines())
    for line in lines:
        ((action, about),) = orjson.loads(line).items()
        yield action, about, None if action == "delete" else next(lines)


def _stats(index: Index) -> dict[str, Any]:
    numbers = {"max_seq_no": index.next_seq - 1, "global_checkpoint": index.checkpoint}
    size = {"size_in_bytes": sum(len(doc.source or b"") for doc in index.docs.values())}
    return {"shards": {"0": [{"routing": {"primary": True}, "seq_no": numbers, "store": size}]}}


def _about(index: Index) -> dict[str, Any]:
    settings: dict[str, Any] = {"number_of_shards": "1", "creation_date": str(index.created_at)}
    if index.blocked:
        settings["blocks"] = {"write": "true"}
    return {
        "aliases": index.about.get("aliases", {}),
        "mappings": index.about.get("mappings", {}),
        "settings": {"index": settings},
    }
