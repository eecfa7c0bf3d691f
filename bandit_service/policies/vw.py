"""Strategy values by Vowpal Wabbit: the one module that opens it.

A regression of credit per query × strategy, with namespace Q for the context, A for the strategy
and their interactions (``-q QA``), so that what is learnt of a family carries over to its members.

Known traps of the library, and what is done about them here: a truncated model file loads without
an error and predicts uniformly (so: checksum and a canary prediction beside it); NaN is learnt
silently (so: checked before); ``|`` and ``:`` are syntax (so: only safe or hashed names); parsed
examples leak (so: the string interface only); the model file holds counters that predictions move
(so: a dump is saved again from a fresh load, which sets them to 0, and learning on after a load
gives the same bytes as learning at once).
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from bandit_service.policies.base import Eligible, Features, check_asked, check_taught
from bandit_service.policies.sealed import seal, unseal
from plugin.errors import BrokenState

KIND = "vw"
# Given again at every load: the library does not keep all of them in the model file.
ARGUMENTS = (
    "--quiet --no_stdin --hash all --bit_precision 18 -q QA --learning_rate 0.1 --power_t 0"
    " --min_prediction 0 --max_prediction 1 --random_seed 1"
)
# A prediction of importance 0 leaves no trace in the library's counters, so none in the dump.
_UNCOUNTED = "0 0 "
_SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")
_CANARY_CONTEXT: Features = {"canary": 1.0, "tokens": 0.5}


@lru_cache(maxsize=4096)
def feature_name(name: str) -> str:
    """``name`` as Vowpal Wabbit may see it: itself where it is plain, else a hash of it."""
    if _SAFE.match(name):
        return name
    return "h" + hashlib.blake2b(name.encode(), digest_size=8).hexdigest()


def line_of(features: Features) -> str:
    """Named floats in the library's own format."""
    return " ".join(
        [
            f"{feature_name(name)}:{float(value)!r}"
            for name, value in sorted(features.items())
            if value != 0
        ]
    )


class VwValueModel:
    """A :class:`~bandit_service.policies.base.ValueModel`. One lock: the library is not safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workspace = workspace(ARGUMENTS)
        # The strategies learnt so far: the canary asks for their values.
        self._known: dict[str, None] = {}

    def values(self, context: Features, eligible: Eligible) -> dict[str, float]:
        check_asked(context, eligible)
        shared = f"{_UNCOUNTED}|Q {line_of(context)} |A "
        with self._lock:
            return {
                name: self._value(shared + strategy_line(name, features))
                for name, features in eligible.items()
            }

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        check_taught(context, eligible, credits)
        shared = f" |Q {line_of(context)} |A "
        with self._lock:
            for name in sorted(credits):
                label = f"{float(credits[name])!r}"
                self._workspace.learn(label + shared + strategy_line(name, eligible[name]))
                self._known[name] = None

    def dump(self) -> bytes:
        with self._lock:
            model = saved(self._workspace, ARGUMENTS)
            known = sorted(self._known)
            canary = self._canary(known)
        header = orjson.dumps({"known": known, "canary": canary})
        return seal(KIND, header + b"\n" + model)

    def load(self, data: bytes) -> None:
        header, _, model = unseal(KIND, data).partition(b"\n")
        try:
            parsed = orjson.loads(header)
            known = [str(name) for name in parsed["known"]]
            expected = [float(value) for value in parsed["canary"]]
            workspace = reopened(model, ARGUMENTS)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BrokenState(
                f"the vw state cannot be read ({error}). Use the last good snapshot."
            ) from error
        with self._lock:
            before, self._workspace = self._workspace, workspace
            if self._canary(known) != expected:
                self._workspace = before
                workspace.finish()
                raise BrokenState(
                    "the vw state predicts otherwise than when it was saved. "
                    "Use the last good snapshot."
                )
            self._known = dict.fromkeys(known)
            before.finish()

    def _value(self, example: str) -> float:
        return min(1.0, max(0.0, float(self._workspace.predict(example))))

    def _canary(self, known: list[str]) -> list[float]:
        shared = f"{_UNCOUNTED}|Q {line_of(_CANARY_CONTEXT)} |A "
        return [self._value(shared + strategy_line(name, {})) for name in known]


def strategy_line(name: str, features: Features) -> str:
    """A strategy in the library's own format."""
    # The name itself is always a feature, so that each strategy has a value of its own.
    return f"is_{feature_name(name)}:1.0 {line_of(features)}"


def workspace(arguments: str) -> Any:
    """A new model."""
    from vowpalwabbit import Workspace  # slow to import, and only the learner's processes need it

    return Workspace(arguments)


def reopened(model: bytes, arguments: str) -> Any:
    """The model of :func:`saved`. Raises RuntimeError where the library cannot read it."""
    # The library reads from a path only.
    with tempfile.TemporaryDirectory(prefix="ltrr-vw-") as folder:
        path = Path(folder, "model")
        path.write_bytes(model)
        return workspace(f"{arguments} --initial_regressor {path}")


def saved(opened: Any, arguments: str) -> bytes:
    """A model as bytes, without the counters that predictions move."""
    fresh = reopened(_save(opened), arguments)
    try:
        return _save(fresh)
    finally:
        fresh.finish()


def _save(opened: Any) -> bytes:
    # The library saves to a path only.
    with tempfile.TemporaryDirectory(prefix="ltrr-vw-") as folder:
        path = Path(folder, "model")
        opened.save(str(path))
        return path.read_bytes()
