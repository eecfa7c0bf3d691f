"""Vowpal Wabbit's own explorers as a rule: its distribution over strategies, drawn from often.

``--cb_explore_adf`` gives one strategy to run, with a probability p for each. Here several run:
each as if that distribution were drawn from ``draws`` times, so with 1 − (1 − p)^draws, and by
itself. Every strategy that ran has a credit of its own, so it is learnt with a probability of 1
(a regression, ``--cb_type mtr``), and nothing has to be weighed by how rarely it ran.

Only explorers without dice of their own: ``--bag``, ``--cover`` and ``--rnd`` learn by chance, and
their model files do not hold where that stands, so a model that is loaded would learn otherwise
than one that went on.
"""

from __future__ import annotations

import threading
from typing import Any, Final

from bandit_service.policies.base import Eligible, Features, check_asked, check_taught
from bandit_service.policies.sealed import seal, unseal
from bandit_service.policies.vw import line_of, reopened, saved, strategy_line, workspace
from plugin.errors import BrokenState, InvalidRequest

EXPLORERS: Final = ("squarecb", "softmax", "epsilon")
DRAWS: Final = 8
"""About as many strategies run where all are equal."""
_OPTIONS: Final[dict[str, str]] = {
    "squarecb": "--squarecb --gamma_scale 10 --gamma_exponent 0.25",
    "softmax": "--softmax --lambda 10",
    "epsilon": "--epsilon 0.2",
}
_ARGUMENTS: Final = (
    "--quiet --no_stdin --hash all --bit_precision 18 -q QA --learning_rate 0.1 --power_t 0"
    " --random_seed 1 --cb_type mtr --cb_explore_adf "
)


class VwExplore:
    """A :class:`~bandit_service.policies.rules.Rule`. One lock: the library is not safe.

    Raises:
        InvalidRequest: there is no such explorer.
    """

    def __init__(self, explorer: str, draws: int = DRAWS) -> None:
        if explorer not in EXPLORERS:
            raise InvalidRequest(f"vw has no explorer {explorer!r}")
        self._kind = f"vw-{explorer}"
        self._arguments = _ARGUMENTS + _OPTIONS[explorer]
        self._draws = draws
        self._lock = threading.Lock()
        self._learner = workspace(self._arguments)
        # Predictions move counters in the model file, so they are asked of a copy.
        self._reader: Any = None

    def wishes(
        self, context: Features, eligible: Eligible, values: Features, pages: int
    ) -> dict[str, float]:
        check_asked(context, eligible)
        names = sorted(eligible)
        lines = [f"shared |Q {line_of(context)}"]
        lines += [f"|A {strategy_line(name, eligible[name])}" for name in names]
        with self._lock:
            if self._reader is None:
                self._reader = reopened(saved(self._learner, self._arguments), self._arguments)
            chances = self._reader.predict(lines)
        return {
            name: 1 - (1 - min(1.0, max(0.0, float(chance)))) ** self._draws
            for name, chance in zip(names, chances, strict=True)
        }

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        check_taught(context, eligible, credits)
        shared = f"shared |Q {line_of(context)}"
        with self._lock:
            for name in sorted(credits):
                told = f"0:{-float(credits[name])!r}:1.0 |A {strategy_line(name, eligible[name])}"
                self._learner.learn([shared, told])
            self._forget_reader()

    def dump(self) -> bytes:
        with self._lock:
            return seal(self._kind, saved(self._learner, self._arguments))

    def load(self, data: bytes) -> None:
        model = unseal(self._kind, data)
        try:
            loaded = reopened(model, self._arguments)
        except RuntimeError as error:
            raise BrokenState(
                f"the {self._kind} state cannot be read ({error}). Use the last good snapshot."
            ) from error
        with self._lock:
            before, self._learner = self._learner, loaded
            before.finish()
            self._forget_reader()

    def _forget_reader(self) -> None:
        if self._reader is not None:
            self._reader.finish()
            self._reader = None
