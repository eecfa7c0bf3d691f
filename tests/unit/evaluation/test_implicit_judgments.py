"""From entries of the journal to judgments, and through TREC files back into our evaluation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import ir_measures
import orjson
import pytest

sys.path.append(str(Path(__file__).parents[1] / "learner"))

from journals import decision, event, page

from bandit_service.evaluation.implicit.formats import grade, qrels, queries, workbench
from bandit_service.evaluation.implicit.judging import Judgments, Method, judge
from bandit_service.evaluation.implicit.visits import Visit, visits
from bandit_service.evaluation.judgments import load_trec
from bandit_service.evaluation.ndcg import ndcg
from bandit_service.journal.entries import Entry
from bandit_service.learner.credit import Grades
from bandit_service.learner.guard import Limits
from plugin.errors import InvalidRequest

HITS = {"a": [("lexical", 1, 9.0)], "b": [("dense", 1, 0.8)], "c": [("dense", 2, 0.7)]}
ORDER_B = {"b": HITS["b"], "a": HITS["a"], "c": HITS["c"]}


def visit(
    query: str,
    session: str,
    *chosen: tuple[str, str],
    key: str = "key",
    shown: dict = HITS,
    at: float = 0,
    learn: bool = True,
    client: str | None = None,
) -> list[Entry]:
    who = {"session": session, "client": client}
    return [
        decision(query, key=key, at=at, learn=learn, **who),
        page(query, shown, key=key, at=at, learn=learn, **who),
        *(
            event(query, id, action, id=f"e{number}", at=at, **who)
            for number, (id, action) in enumerate(chosen)
        ),
    ]


def told(entries: list[Entry]) -> list[Visit]:
    return list(visits(entries, Grades(), Limits(), 30 * 60_000))


def rated(entries: list[Entry], method: Method, sessions: int = 1) -> dict[str, dict[str, float]]:
    return {one.key: dict(one.ratings) for one in judge(told(entries), method, sessions=sessions)}


JOURNAL = [
    # At the first place: 2 of 4 chosen. At the second: 2 of 4. At the third: none.
    *visit("q1", "s1", ("a", "click")),
    *visit("q2", "s2", ("b", "click")),
    *visit("q3", "s3", ("b", "like"), shown=ORDER_B),
    *visit("q4", "s4", ("a", "click"), shown=ORDER_B),
]


def test_clicks_over_expected_clicks() -> None:
    # Both were twice at each of two places where half is chosen: 2 / (4 · 1/2).
    assert rated(JOURNAL, "coec") == {"key": {"a": 1.0, "b": 1.0, "c": 0.0}}
    # A fifth session chooses the third: 1 of 5 there, 2 of 5 at the others.
    more = [*JOURNAL, *visit("q5", "s5", ("c", "click"))]
    assert rated(more, "coec") == {
        "key": {
            "a": pytest.approx(2 / (3 * 2 / 5 + 2 * 2 / 5)),
            "b": pytest.approx(2 / (2 * 2 / 5 + 3 * 2 / 5)),
            "c": pytest.approx(1 / (5 * 1 / 5)),
        }
    }


def test_grades_per_examination() -> None:
    looked = {"a": 2 + 2 * 2**-0.7, "b": 2 + 2 * 2**-0.7, "c": 4 * 3**-0.7}
    grades = {"a": 1.2, "b": 1.5, "c": 0.0}
    rate = sum(grades.values()) / sum(looked.values())
    expected = {id: (grades[id] + rate) / (looked[id] + 1) for id in looked}
    assert rated(JOURNAL, "examination") == {"key": pytest.approx(expected)}
    (one,) = judge(told(JOURNAL), "examination", sessions=1)
    assert list(one.ratings) == ["b", "a", "c"]


def test_what_was_chosen_far_down_is_worth_more_than_at_the_top() -> None:
    others = [
        entry for n in range(20) for entry in visit(f"o{n}", f"o{n}", ("a", "click"), key="other")
    ]
    far = [entry for n in range(4) for entry in visit(f"f{n}", f"f{n}", ("c", "click"), key="far")]
    ratings = rated([*others, *far], "coec")
    assert ratings["far"]["c"] > 2 > ratings["other"]["a"]


def test_a_voice_counts_once_whatever_it_repeats() -> None:
    again = [entry for n in range(50) for entry in visit(f"r{n}", "s1", ("a", "click"), at=n / 2)]
    for method in ("coec", "examination"):
        assert rated([*JOURNAL, *again], method) == {
            "key": pytest.approx(rated(JOURNAL, method)["key"])
        }
    many = [
        entry
        for n in range(50)
        for entry in visit(f"m{n}", f"m{n}", ("c", "click"), at=n / 2, client="bot")
    ]
    crowd = [
        entry for n in range(50) for entry in visit(f"p{n}", f"p{n}", ("a", "click"), at=n / 2)
    ]
    assert rated([*crowd, *many], "examination")["key"]["c"] < 0.1


def test_impressions_bound_what_counts() -> None:
    seen = [event("q1", "a", "impression", id="i", session="s1")]
    (one,) = told([*visit("q1", "s1"), *seen])
    assert dict(one.looked_at()) == {"a": 1}
    (one,) = told([*visit("q1", "s1", ("b", "click")), *seen])
    assert dict(one.looked_at()) == {"a": 1, "b": 2}


def test_what_is_not_to_be_learnt_from_has_no_text_or_no_page_is_left_out() -> None:
    nothing = decision("q3", key="k3")
    said = {**nothing.body, "query": " "}
    entries = [
        *visit("q1", "s1", ("a", "click"), learn=False),
        decision("q2", key="k2"),
        replace(nothing, body=said),
        page("q3", HITS, key="k3"),
    ]
    assert told(entries) == []


def test_visits_close_with_their_window_so_that_few_are_held() -> None:
    taken: list[str] = []

    def journal() -> Iterator[Entry]:
        for n in range(100):
            taken.append(f"s{n}")
            yield from visit(f"q{n}", f"s{n}", at=n)

    stream = visits(journal(), Grades(), Limits(), 30 * 60_000)
    assert next(stream).voice == "s0"
    assert len(taken) == 31
    assert len(list(stream)) == 99


def test_a_query_of_few_is_not_given_out() -> None:
    rare = visit("r1", "s1", ("a", "click"), key="rare")
    (one,) = judge(told([*JOURNAL, *rare]), "coec", sessions=3)
    assert (one.key, one.voices) == ("key", 3)


JUDGED = [Judgments("k1", "tayler\nlove", 3, {"a": 2.4, "b": 1.0, "c": 0.0})]


def test_the_workbench_imports_texts_with_ratings_as_decimals() -> None:
    body = orjson.loads(orjson.dumps(workbench(JUDGED, "ltrr coec", "coec")))
    assert body["type"] == "IMPORT_JUDGMENT"
    assert set(body) == {"name", "description", "type", "judgmentRatings"}
    assert body["judgmentRatings"] == [
        {
            "query": "tayler\nlove",
            "ratings": [
                {"docId": "a", "rating": "2.400"},
                {"docId": "b", "rating": "1.000"},
                {"docId": "c", "rating": "0.000"},
            ],
        }
    ]


def test_grades_are_whole_and_bounded() -> None:
    assert [grade(rating, "coec") for rating in (0, 0.5, 1, 1.6, 9)] == [0, 1, 2, 3, 4]
    assert [grade(rating, "examination") for rating in (0, 0.3, 0.6, 1)] == [0, 1, 2, 4]


def test_trec_files_come_back_into_our_evaluation_and_others(tmp_path: Path) -> None:
    judged = judge(told(JOURNAL), "examination", sessions=3)
    (tmp_path / "qrels").write_text(qrels(judged, "examination"))
    (tmp_path / "queries.tsv").write_text(queries(judged))
    (one,) = load_trec(tmp_path / "qrels", tmp_path / "queries.tsv")
    assert (one.id, one.text) == ("key", "tayler love")
    expected = {id: grade(rating, "examination") for id, rating in judged[0].ratings.items()}
    assert one.grades == expected
    theirs = list(ir_measures.read_trec_qrels(str(tmp_path / "qrels")))
    assert {(row.query_id, row.doc_id): row.relevance for row in theirs} == {
        ("key", id): found for id, found in expected.items()
    }
    run = [ir_measures.ScoredDoc("key", id, score) for id, score in (("c", 2.0), ("b", 1.0))]
    measured = ir_measures.calc_aggregate([ir_measures.nDCG @ 10], theirs, run)
    assert ndcg(["c", "b"], one.grades) == pytest.approx(measured[ir_measures.nDCG @ 10])


def test_what_qrels_cannot_say_or_we_cannot_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="white space"):
        qrels([Judgments("k", "x", 1, {"a b": 1.0})], "coec")
    (tmp_path / "bad").write_text("k 0 a\n")
    with pytest.raises(InvalidRequest, match="line 1"):
        load_trec(tmp_path / "bad")
