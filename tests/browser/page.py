"""What a person can do with the page and see on it, for tests. Waits poll, with a deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

DEADLINE_S = 20


class Page:
    """The console in a browser."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def size(self, width: int, height: int) -> None:
        """Make the page's own area this large, narrower than a window could be if need be."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )

    def open(self, address: str) -> None:
        """Open ``address`` as someone new."""
        self.driver.get(address)
        self.driver.execute_script("sessionStorage.clear()")
        self.driver.get(address)

    def search(self, query: str) -> None:
        """Type a query, press Enter and wait for its answer."""
        box = self.one("#query")
        box.clear()
        box.send_keys(query, Keys.ENTER)
        self.settled()

    def settled(self) -> None:
        """Wait until no search is under way."""
        self.until(
            lambda: (
                self.one("#results").get_attribute("aria-busy") is None and not self.all(".ghost")
            )
        )

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.all(selector)]

    def ids(self) -> list[str]:
        """The ids of the cards, from the top."""
        return [card.get_attribute("data-id") or "" for card in self.all("#results .card")]

    def act(self, entity: str, action: str) -> None:
        """Press one of the buttons of a card and wait until it was noted."""
        self.press(f'.card[data-id="{entity}"] [data-action="{action}"]')
        self.until(lambda: bool(self.all("#again")))

    def search_again(self) -> None:
        self.press("#again")
        self.until(lambda: "changes marked" in self.one("#status").text)
        self.settled()

    def press(self, selector: str) -> None:
        """Click, with the element away from the header and the toast."""
        element = self.one(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def until(self, holds: Callable[[], Any], message: str = "") -> None:
        """Poll until ``holds`` is true; a card that was just replaced counts as not yet."""
        wait = WebDriverWait(
            self.driver, DEADLINE_S, 0.05, ignored_exceptions=[StaleElementReferenceException]
        )
        wait.until(lambda _: holds(), message)

    def complaints(self) -> list[str]:
        """What the browser's console holds since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]
