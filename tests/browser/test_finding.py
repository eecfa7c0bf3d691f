"""What helps a person to find: suggestions, readings, groups, facets, marks, a start page."""

from __future__ import annotations

import pytest
from fake_sidecar import Fake
from page import Page
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=\"document.title='broken in'\">"


def typed(page: Page, text: str) -> None:
    box = page.one("#query")
    box.clear()
    box.send_keys(text)
    page.until(lambda: page.all("#suggestions li"))


def active(page: Page) -> str | None:
    """The text of the suggestion that assistive technology hears, if there is one."""
    named = page.one("#query").get_attribute("aria-activedescendant")
    return page.one(f"#{named} span").text if named else None


def test_the_start_page_shows_each_kinds_best_and_can_be_learnt_from(
    page: Page, fake: Fake
) -> None:
    page.open(fake.address)
    page.until(page.ids)
    assert page.one("#hero").is_displayed()
    assert len(page.all("#results .kind h2")) >= 3
    asked = fake.starts[-1]
    assert asked["query"] == ""
    assert asked["layout"] == "grouped"
    assert asked["session"]
    assert asked.get("learn", True)
    page.act(page.ids()[1], "like")
    assert fake.events[-1]["position"] == 2
    page.search("love")
    assert not page.one("#hero").is_displayed()


def test_suggestions_can_be_used_by_keyboard_and_are_announced(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    box = page.one("#query")
    assert box.get_attribute("role") == "combobox"
    assert box.get_attribute("aria-expanded") == "false"
    typed(page, "lo")
    assert box.get_attribute("aria-expanded") == "true"
    assert page.texts("#suggestions span")[:3] == ["love songs", "lonely night", "Love Story"]
    assert page.texts("#suggestions small")[1:3] == ["others asked", "song"]
    assert active(page) is None
    box.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert active(page) == "Love Story"
    assert box.get_attribute("value") == "Love Story"
    assert len(page.all('#suggestions [aria-selected="true"]')) == 1
    box.send_keys(Keys.ARROW_UP)
    assert active(page) == "lonely night"
    box.send_keys(Keys.ENTER)
    page.settled()
    assert fake.searches[-1]["query"] == "lonely night"
    assert not page.one("#suggestions").is_displayed()


def test_escape_gives_back_what_was_typed_and_going_round_as_well(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    typed(page, "lov")
    box = page.one("#query")
    box.send_keys(Keys.ARROW_UP)  # the last one
    assert active(page) == page.texts("#suggestions span")[-1]
    box.send_keys(Keys.ARROW_DOWN)  # round to what was typed
    assert active(page) is None
    assert box.get_attribute("value") == "lov"
    box.send_keys(Keys.ARROW_DOWN, Keys.ESCAPE)
    assert box.get_attribute("value") == "lov"
    assert box.get_attribute("aria-expanded") == "false"
    assert not page.all("#suggestions li")


def test_a_suggestion_can_be_clicked_and_a_hostile_one_is_text(page: Page, fake: Fake) -> None:
    fake.entities[0]["name"] = HOSTILE
    page.open(fake.address)
    typed(page, "<img")
    assert page.texts("#suggestions span") == [HOSTILE]
    page.one("#suggestions li").click()
    page.settled()
    assert fake.searches[-1]["query"] == HOSTILE
    assert not page.all("#suggestions img")
    assert page.driver.title == f"{HOSTILE} · ltrr"


def test_the_layout_can_be_switched_and_is_kept_in_the_address(page: Page, fake: Fake) -> None:
    page.open(f"{fake.address}/?q=love")
    page.settled()
    assert not page.all("#results .kind")
    page.press('#layouts [data-layout="grouped"]')
    page.until(lambda: page.all("#results .kind h2"))
    page.settled()
    assert "layout=grouped" in page.driver.current_url
    kinds = [card.get_attribute("data-type") for card in page.all("#results .card")]
    assert len(list(dict.fromkeys(kinds))) == len(page.all("#results .kind"))
    assert page.texts(".card .position") == [str(n) for n in range(1, 11)]
    sixth = page.ids()[5]
    page.act(sixth, "play")
    assert fake.events[-1]["position"] == 6
    page.press("#more")
    page.until(lambda: len(page.ids()) == 20)
    assert fake.searches[-1]["layout"] == "grouped"
    page.driver.back()
    page.until(lambda: page.ids() and not page.all("#results .kind"))


def test_facets_narrow_down_and_let_go(page: Page, fake: Fake) -> None:
    page.open(f"{fake.address}/?q=love")
    page.settled()
    assert page.texts(".facet h3") == ["Attributes"]
    page.press('.facet [data-value="romantic"]')
    page.settled()
    page.until(lambda: len(page.ids()) == 5)
    assert fake.searches[-1]["filters"] == {"attributes": ["romantic"]}
    assert "f=attributes%3Aromantic" in page.driver.current_url
    chosen = page.one('.facet [data-value="romantic"]')
    assert chosen.get_attribute("aria-pressed") == "true"
    page.press('.facet [data-value="romantic"]')
    page.settled()
    page.until(lambda: len(page.ids()) == 10)
    assert "filters" not in fake.searches[-1]


def test_filters_without_a_result_can_be_dropped(page: Page, fake: Fake) -> None:
    page.open(f"{fake.address}/?q=love&f=attributes:nonesuch")
    page.settled()
    assert "Nothing passes these filters" in page.one("#notice").text
    page.press("#notice button")
    page.until(lambda: len(page.ids()) == 10)


def test_words_are_marked_and_what_is_between_is_text(page: Page, fake: Fake) -> None:
    fake.entities[0]["name"] = f"Love & {HOSTILE} 'Love'"
    page.open(f"{fake.address}/?q=love")
    page.settled()
    assert page.texts(".card:first-child .title mark") == ["Love", "Love"]
    assert page.one(".title").text == f"Love & {HOSTILE} 'Love'"
    assert not page.all("#results img")


def test_readings_are_shown_the_likeliest_first(page: Page, fake: Fake) -> None:
    fake.slots = [
        {"role": "name", "value": "Love Story", "words": "love", "likelihood": 0.25},
        {"role": "by", "value": HOSTILE, "words": "tayler", "likelihood": 0.81},
        {"role": "name", "value": HOSTILE, "words": "tayler", "likelihood": 0.4},
    ]
    page.open(f"{fake.address}/?q=tayler+love")
    page.settled()
    first, second = page.all(".readings li")
    assert [part.strip() for part in first.text.split("\n")] == [
        "tayler", "→", HOSTILE, "by, name", "81 %",
    ]  # fmt: skip
    assert "Love Story" in second.text
    fake.slots = []
    page.search("other")
    assert not page.one("#reading").is_displayed()


def test_words_without_typing_errors_are_one_click_away(page: Page, fake: Fake) -> None:
    fake.corrected = "taylor love"
    page.open(f"{fake.address}/?q=tayler+love")
    page.settled()
    fake.corrected = ""
    page.one(".corrected").click()
    page.settled()
    assert fake.searches[-1]["query"] == "taylor love"
    assert page.one("#query").get_attribute("value") == "taylor love"
    assert not page.one("#reading").is_displayed()


def test_what_stands_for_others_and_what_a_rule_did_is_told(page: Page, fake: Fake) -> None:
    fake.entities[0]["collapsed"] = ["a", "b"]
    page.open(f"{fake.address}/?q=love")
    page.settled()
    assert page.one('.moved[data-kind="alike"]').text == "+2 alike"
