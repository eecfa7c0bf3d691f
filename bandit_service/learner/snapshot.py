"""The snapshot in OpenSearch: one document in ``<namespace>-state``, replaced as a whole.

It holds the learner's whole state with the position that it covers (``blob``), and beside it what a
sidecar serves (``body``), so that sidecars need not read the rest. Replacing it names the version
that is being replaced: a learner that was paused and wakes up later cannot overwrite another's.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bandit_service.journal.reader import Position
from bandit_service.learner.models import Fitted
from bandit_service.learner.state import State, dump_state, filled, load_state
from bandit_service.policies.base import Policy
from plugin.cluster import Cluster, ResponseError
from plugin.errors import BrokenState, LtrrError

DOCUMENT = "snapshot"


class Superseded(LtrrError):
    """Another learner has published meanwhile: this one must begin again from there."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Which write of the document was seen: OpenSearch's optimistic concurrency."""

    seq_no: int
    primary_term: int


@dataclass(frozen=True, slots=True)
class Served:
    """What a sidecar serves. ``history``: see :class:`bandit_service.learner.shares.Shares`.

    ``models``: the promoted ones by name; their bytes are artefacts.
    """

    version: str
    policy: Policy
    position: Position
    counts: Mapping[str, int]
    history: tuple[Mapping[str, Any], ...]
    models: Mapping[str, Fitted] = field(default_factory=dict)


class SnapshotStore:
    """Reads and replaces the snapshot."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._path = f"/{cluster.name('state')}/_doc/{DOCUMENT}"

    def load(self, new_policy: Callable[[], Policy]) -> tuple[State, Revision | None]:
        """The newest state; a new one, and None, where there is no snapshot yet.

        Raises:
            BrokenState: the snapshot is damaged.
            NodeUnavailable: the cluster does not answer.
        """
        found = self._cluster.find(self._path, _source_includes="blob")
        if not found:
            return State(new_policy()), None
        try:
            state = load_state(_unpack(found["_source"].get("blob")), new_policy)
        except BrokenState as error:
            raise BrokenState(
                f"{error.message} The journal still holds everything: DELETE {self._path}, and the "
                "learner rebuilds the snapshot from the journal's beginning."
            ) from error
        return state, _revision(found)

    def publish(self, state: State, replaces: Revision | None, updated_at: int) -> Revision:
        """Replace the snapshot that was seen as ``replaces`` (None: there was none).

        ``updated_at`` (epoch milliseconds) is for people only.

        Raises:
            Superseded: another learner has replaced it.
            NodeUnavailable: the cluster does not answer; it may or may not have been replaced.
        """
        params: dict[str, Any] = {"op_type": "create"}
        if replaces is not None:
            params = {"if_seq_no": replaces.seq_no, "if_primary_term": replaces.primary_term}
        policy = state.policy.dump()
        blob = dump_state(state, policy)
        body = {
            "kind": DOCUMENT,
            "version": state.version,
            "updated_at": updated_at,
            "blob": base64.b64encode(zlib.compress(blob, 1)).decode(),
            "body": {
                "position": [state.position.generation, state.position.seq_no],
                "policy": base64.b64encode(policy).decode(),
                "counts": state.counts,
                "history": state.shares.history(),
                "models": [one.to_json() for one in state.models.served.values()],
            },
        }
        try:
            answer = self._cluster.request("PUT", self._path, body, params=params)
        except ResponseError as error:
            if error.response_status == 409:
                raise Superseded("another learner has published; beginning from there") from error
            raise
        return _revision(answer)

    def serve(self, known: str | None, new_policy: Callable[[], Policy]) -> Served | None:
        """What to serve now, or None where that is still the version ``known``, or nothing.

        Raises:
            BrokenState: the snapshot is damaged.
            NodeUnavailable: the cluster does not answer.
        """
        found = self._cluster.find(self._path, _source_includes="version")
        if not found or found["_source"].get("version") == known:
            return None
        found = self._cluster.find(self._path, _source_includes="version,body")
        if not found:
            return None
        source = found["_source"]
        try:
            body = source["body"]
            generation, seq_no = body["position"]
            policy = filled(new_policy, base64.b64decode(body["policy"], validate=True))
            return Served(
                version=str(source["version"]),
                policy=policy,
                position=Position(int(generation), int(seq_no)),
                counts=dict(body["counts"]),
                history=tuple(body["history"]),
                # Snapshots of before models were fitted have none.
                models={one.model: one for one in map(Fitted.from_json, body.get("models") or ())},
            )
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise BrokenState(f"the snapshot in {self._path} is damaged ({error!r})") from error


def _unpack(blob: Any) -> bytes:
    try:
        return zlib.decompress(base64.b64decode(blob, validate=True))
    except (TypeError, ValueError, binascii.Error, zlib.error) as error:
        raise BrokenState(f"the snapshot's blob is damaged or cut short ({error}).") from error


def _revision(answer: Mapping[str, Any]) -> Revision:
    return Revision(int(answer["_seq_no"]), int(answer["_primary_term"]))
