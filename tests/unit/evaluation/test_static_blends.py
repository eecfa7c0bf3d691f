"""Static blends: the table says what the blenders do, and tuning finds what is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_recording import STRATEGIES, small_recording

from bandit_service.evaluation.baselines import measure, tune_on
from bandit_service.evaluation.blend_table import STATIC_DEPTH, Method, blend_table
from bandit_service.evaluation.ndcg import ndcg
from bandit_service.evaluation.recordings import Recording
from bandit_service.evaluation.tuning import singles, tune, tune_subset, uniform
from plugin.blending.minmax import MinMax
from plugin.blending.rrf import ReciprocalRank
from plugin.errors import BrokenState


@pytest.mark.parametrize("method", ["minmax", "rrf"])
def test_the_table_reaches_what_the_blender_reaches(method: Method) -> None:
    recording, judged = small_recording()
    table = blend_table(recording, judged, STRATEGIES)
    weights = np.array([0.0, 0.7, 0.4])
    blender = MinMax() if method == "minmax" else ReciprocalRank()
    reached = []
    for one in judged:
        found = recording.retrieved(one.id, {"ok": STATIC_DEPTH, "right": STATIC_DEPTH})
        blend = blender.blend(found, {"ok": 0.7, "right": 0.4})
        reached.append(ndcg([candidate.id for candidate in blend], one.grades))
    gained = table.gained(table.scores(method, weights))
    assert gained.tolist() == pytest.approx(reached, abs=1e-5)


def test_tuning_is_at_least_as_good_as_all_that_it_may_choose() -> None:
    recording, judged = small_recording()
    table = blend_table(recording, judged, STRATEGIES)
    best = tune(table)
    assert best.tuned >= uniform(table).tuned
    assert best.tuned >= max(one.tuned for one in singles(table).values())
    assert best.tuned >= tune_subset(table, 2).tuned - 1e-3
    assert best.ndcg(table) == pytest.approx(best.tuned, abs=1e-6)
    assert tune(table) == best


def test_pairs_and_triples_use_so_many() -> None:
    recording, judged = small_recording()
    table = blend_table(recording, judged, STRATEGIES)
    assert len(tune_subset(table, 2).used(table)) == 2
    assert len(tune_subset(table, 3).used(table)) == 3


def test_baselines_tuned_elsewhere_do_no_better_than_in_hindsight() -> None:
    recording, judged = small_recording(60)
    tuned = tune_on(recording, judged[:30], STRATEGIES)
    bars = measure(recording, judged[30:], tuned["all"])
    assert bars.hindsight >= bars.trained > bars.uniform
    assert bars.queries == 30


def test_a_recording_comes_back_from_its_file(tmp_path: Path) -> None:
    recording, judged = small_recording(4)
    path = tmp_path / "folder" / "some.npz"
    recording.save(path)
    again = Recording.load(path)
    for one in judged:
        most = dict.fromkeys(STRATEGIES, 20)
        assert again.retrieved(one.id, most) == recording.retrieved(one.id, most)
        before, after = recording.query(one.id).query, again.query(one.id).query
        assert after.vector == pytest.approx(before.vector)
        assert (after.slots, after.intents, after.text) == (
            before.slots,
            before.intents,
            before.text,
        )
    assert again.strategies == recording.strategies == STRATEGIES
    assert not len(Recording.load(tmp_path / "missing.npz"))


def test_a_damaged_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.npz"
    small_recording(2)[0].save(path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(BrokenState, match="Delete it"):
        Recording.load(path)
