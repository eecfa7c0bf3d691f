"""The page's states, against a hand-written sidecar that can be told to fail."""

from __future__ import annotations

import pytest
from fake_sidecar import Fake
from page import Page
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=\"document.title='broken in'\">"


def test_the_start_offers_examples_and_shows_what_can_be_asked(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    page.until(lambda: len(page.all("#examples button")) == 3)
    page.until(lambda: "lexical" in page.one("#decision").text)
    page.press("#examples button")
    page.settled()
    assert page.one("#query").get_attribute("value") == "tayler love"
    assert len(page.ids()) == 10


def test_slash_goes_to_the_box_and_enter_searches(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    page.driver.execute_script("document.activeElement.blur()")
    page.one("body").send_keys("/")
    page.driver.switch_to.active_element.send_keys("love", Keys.ENTER)
    page.settled()
    assert fake.searches[-1]["query"] == "love"
    assert "q=love" in page.driver.current_url


@pytest.mark.parametrize("field", ["name", "by", "categories", "type", "id"])
def test_a_hostile_text_is_shown_as_text(page: Page, fake: Fake, field: str) -> None:
    fake.entities[0][field] = HOSTILE
    page.open(fake.address)
    page.search("anything")
    page.press(".title")
    page.until(lambda: HOSTILE in page.one(".card").text)
    assert not page.all("#results img")
    assert page.driver.title == "anything · ltrr"


def test_a_hostile_query_is_text_as_well(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    page.search(HOSTILE)
    assert fake.searches[-1]["query"] == HOSTILE
    assert page.driver.title == f"{HOSTILE} · ltrr"
    assert page.ids()


def test_a_failed_search_says_what_to_do_and_can_be_tried_again(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    fake.broken = True
    page.search("love")
    assert "No node answers." in page.one("#notice").text
    assert "ltrr status" in page.one("#notice").text
    assert all("503" in line for line in page.complaints())
    fake.broken = False
    page.press("#notice button")
    page.until(page.ids)
    assert not page.all("#notice .message")


def test_feedback_that_was_not_taken_is_not_shown_as_taken(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    page.search("love")
    fake.broken = True
    page.press('.card [data-action="like"]')
    page.until(lambda: "not noted" in page.one("#toast").text)
    assert page.one('.card [data-action="like"]').get_attribute("aria-pressed") == "false"
    assert all("503" in line for line in page.complaints())


def test_strategies_that_failed_are_named_beside_the_answer(page: Page, fake: Fake) -> None:
    fake.degraded = ["dense", "memory"]
    page.open(fake.address)
    page.search("love")
    assert "dense, memory" in page.one('[data-kind="degraded"]').text
    assert page.ids()


def test_nothing_found_says_so(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    page.search("nothing")
    assert "Nothing found" in page.one("#notice").text


def test_kinds_are_made_from_the_answer_and_ask_for_one_kind(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    page.search("love")
    assert page.texts("#types button")[:3] == ["all", "album", "artist"]
    page.press('#types [data-type="artist"]')
    page.settled()
    page.until(lambda: set(page.texts(".card .type")) == {"artist"})
    assert fake.searches[-1]["types"] == ["artist"]
    page.driver.back()
    page.until(lambda: len(set(page.texts(".card .type"))) > 1)


def test_more_pages_continue_the_same_list_to_its_end(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    page.search("love")
    first = fake.searches[-1]
    for shown in (20, 25):
        page.press("#more")
        page.until(lambda shown=shown: len(page.ids()) == shown)
    assert len(set(page.ids())) == 25
    assert not page.one("#more").is_displayed()
    assert [search["from"] for search in fake.searches[-2:]] == [10, 20]
    assert {search["query_id"] for search in fake.searches[-2:]} == {f"q1.{first['session']}"}
    assert page.texts(".card .position")[-1] == "25"


def test_every_action_tells_the_sidecar_what_was_chosen_where(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    page.search("love")
    third = page.ids()[2]
    for action in ("play", "like", "favourite", "dislike"):
        page.act(third, action)
    page.press(f'.card[data-id="{third}"] .title')
    page.until(lambda: len(fake.events) == 5)
    assert {event["action"] for event in fake.events} == {
        "play", "like", "favourite", "dislike", "click",
    }  # fmt: skip
    assert {event["position"] for event in fake.events} == {3}
    assert {event["object_id"] for event in fake.events} == {third}
    assert len({event["event_id"] for event in fake.events}) == 5


def test_searching_again_marks_what_moved(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    page.search("love")
    sixth = page.ids()[5]
    page.act(sixth, "like")
    page.search_again()
    assert page.ids()[0] == sixth
    assert page.one(f'.card[data-id="{sixth}"] .moved').text == "▲ 5"
    assert (
        page.one(f'.card[data-id="{sixth}"] [data-action="like"]').get_attribute("aria-pressed")
        == "true"
    )


def test_becoming_someone_new_forgets_the_own_choices(page: Page, fake: Fake) -> None:
    page.open(fake.address)
    page.search("love")
    before = page.ids()
    page.act(before[5], "like")
    page.search_again()
    page.press("#renew")
    page.until(lambda: page.ids() == before)
    assert len({search["session"] for search in fake.searches}) == 2


def test_the_decision_and_the_history_are_shown_and_told(page: Page, fake: Fake) -> None:
    page.open(f"{fake.address}/?q=love")
    page.settled()
    rows = [row.text.split() for row in page.all(".decision tbody tr")]
    assert rows[0] == ["popularity", "0.36", "97", "%", "66", "34", "%"]
    assert rows[-1] == ["fuzzy", "0.05", "20", "%", "–", "–"]
    page.until(lambda: len(page.all("#history path")) == 5)
    told = page.one("#history svg").get_attribute("aria-label") or ""
    # Each step is averaged with its neighbours: (20.0 + 22.5) / 2 and (33.2 + 34.0) / 2.
    assert "popularity 21 to 34 percent" in told
    pulse = page.one("#pulse-text").text
    assert "policy 12" in pulse
    assert "rls on trial" in pulse


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_hangs_over_the_edge(page: Page, fake: Fake, width: int) -> None:
    fake.entities[0]["name"] = "Verylongwordwithoutanyspaces" * 8
    page.size(width, 844)
    page.open(f"{fake.address}/?q=love")
    page.settled()
    for panel in page.all("details:not([open]) summary"):
        panel.click()
    wide = page.driver.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width


def test_everything_can_be_reached_and_named_by_keyboard(page: Page, fake: Fake) -> None:
    page.open(f"{fake.address}/?q=love")
    page.settled()
    buttons = page.all("button")
    names = [button.accessible_name for button in buttons if button.is_displayed()]
    assert all(names)
    like = page.one('.card [data-action="like"]')
    like.send_keys(Keys.ENTER)
    page.until(lambda: len(fake.events) == 1)
    title = page.one(".title")
    title.send_keys(Keys.SPACE)
    assert title.get_attribute("aria-expanded") == "true"
    assert page.one(".details").is_displayed()
    assert page.one("#results").find_elements(By.CSS_SELECTOR, "li.card h3")
