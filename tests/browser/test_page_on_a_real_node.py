"""The whole way: a browser, the page, the sidecar, a real OpenSearch node, and learning."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from page import Page
from real_sidecar import HOSTILE, serving
from selenium.webdriver.common.keys import Keys
from sidecars import ROOT, Sidecar

from plugin.engine import Running

pytestmark = [pytest.mark.browser, pytest.mark.integration]

STRATEGIES = {folder.name for folder in (ROOT / "opensearch" / "strategies").iterdir()}


@pytest.fixture(scope="module")
def sidecar(node: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    with serving(node, tmp_path_factory.mktemp("browser")) as sidecar:
        yield sidecar


def test_search_shows_cards_of_several_kinds_and_what_brought_each(
    page: Page, sidecar: Sidecar
) -> None:
    page.open(sidecar.address)
    page.until(lambda: page.texts("#examples button") == ["lemon", "vegetarian quick"])
    page.search("lemmon")
    names = page.texts(".title")
    assert len(names) == 10
    assert any("Lemon" in name for name in names)
    origins = page.all(".provenance li")
    assert origins
    assert {origin.get_attribute("data-strategy") for origin in origins} <= STRATEGIES
    assert all(re.fullmatch(r"\w+\s*#\d+", origin.text) for origin in origins)
    rows = {row.get_attribute("data-strategy") for row in page.all(".decision tbody tr")}
    assert rows <= STRATEGIES
    assert len(rows) >= 3


def test_liking_changes_the_next_answer_of_the_same_session(page: Page, sidecar: Sidecar) -> None:
    page.open(sidecar.address)
    page.search("vegetarian")
    seventh = page.ids()[6]
    page.act(seventh, "like")
    page.search_again()
    place = page.ids().index(seventh)
    assert place < 3
    assert page.one(f'.card[data-id="{seventh}"] .moved').text == f"▲ {6 - place}"


def test_a_hostile_name_is_shown_as_text(page: Page, sidecar: Sidecar) -> None:
    page.open(sidecar.address)
    page.search(HOSTILE)
    assert HOSTILE in page.texts('.card[data-id="hostile"] .title')
    assert not page.all("#results img, #results script")
    assert page.driver.title == f"{HOSTILE} · ltrr"


def test_more_pages_go_on_without_repeats(page: Page, sidecar: Sidecar) -> None:
    page.open(sidecar.address)
    page.search("vegetarian")
    page.press("#more")
    page.until(lambda: len(page.ids()) == 20)
    assert len(set(page.ids())) == 20


def test_one_kind_only(page: Page, sidecar: Sidecar) -> None:
    page.open(sidecar.address)
    page.search("ada ladle lemon")
    page.until(lambda: page.all('#types [data-type="cook"]'))
    page.press('#types [data-type="cook"]')
    page.until(lambda: set(page.texts(".card .type")) == {"cook"})


def test_the_weights_move_before_ones_eyes(page: Page, sidecar: Sidecar) -> None:
    page.open(sidecar.address)
    page.search("beetroot pie")
    page.act(page.ids()[0], "play")
    page.until(lambda: len(page.all("#history path")) >= 3, "no history was drawn")
    page.until(lambda: re.search(r"· [1-9]\d* decisions", page.one("#pulse-text").text))


def test_it_fits_a_phone(page: Page, sidecar: Sidecar) -> None:
    page.size(390, 844)
    page.open(f"{sidecar.address}/?q=lemon")
    page.until(page.ids)
    page.settled()
    assert page.driver.execute_script("return document.documentElement.scrollWidth") <= 390
    assert page.one('.card [data-action="like"]').is_displayed()


def test_without_the_sidecar_the_page_says_what_to_do_and_recovers(
    page: Page, sidecar: Sidecar
) -> None:
    page.open(sidecar.address)
    page.search("lemon")
    sidecar.stop()
    try:
        page.search("carrot")
        page.until(lambda: "ltrr serve" in page.one("#notice").text)
        assert not page.ids()
    finally:
        sidecar.start()
    page.press("#notice button")
    page.until(page.ids)
    page.until(lambda: "policy" in page.one("#pulse-text").text)
    assert all("ERR_CONNECTION" in line for line in page.complaints())


def test_the_start_page_shows_what_there_is_kind_by_kind(page: Page, sidecar: Sidecar) -> None:
    page.open(sidecar.address)
    page.until(lambda: len(page.all("#results .kind")) >= 2)
    assert page.one("#hero").is_displayed()
    page.act(page.ids()[0], "like")


def test_typing_suggests_names_and_a_chosen_one_is_searched(page: Page, sidecar: Sidecar) -> None:
    page.open(sidecar.address)
    box = page.one("#query")
    box.send_keys("lemon s")
    page.until(lambda: "Lemon soup" in page.texts("#suggestions li span"))
    named = page.texts("#suggestions li span").index("Lemon soup")
    box.send_keys(*[Keys.ARROW_DOWN] * (named + 1), Keys.ENTER)
    page.settled()
    page.until(lambda: "Lemon soup" in page.texts(".title"))
    assert "q=Lemon+soup" in page.driver.current_url
    assert {mark.casefold() for mark in page.texts(".title mark")} >= {"lemon", "soup"}


def test_facets_narrow_down_and_kinds_can_stand_apart(page: Page, sidecar: Sidecar) -> None:
    page.open(f"{sidecar.address}/?q=ada+ladle+lemon")
    page.until(page.ids)
    page.settled()
    page.press('#layouts [data-layout="grouped"]')
    page.until(lambda: {"recipe", "cook"} <= {
        heading.get_attribute("data-kind") for heading in page.all("#results .kind")
    })  # fmt: skip
    page.press('.facet [data-value="quick"]')
    page.until(lambda: page.ids() and all("quick" in chips for chips in page.texts(".card .chips")))
    page.until(lambda: set(page.texts(".card .type")) == {"recipe"})
