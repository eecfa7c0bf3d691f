"""A headless Chromium of the system, and pages to look at with it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

sys.path.insert(0, str(Path(__file__).parent))

from fake_sidecar import Fake, running
from page import Page

INSTALL = "apt-get install -y --no-install-recommends chromium chromium-driver"


def _program(*names: str) -> str:
    for name in names:
        if found := shutil.which(name):
            return found
    raise AssertionError(
        f"The browser tests need {names[0]}, which is not installed. On Debian and Ubuntu, "
        f"as root: {INSTALL}"
    )


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One browser for the run; each test gets a clean page from :func:`page`."""
    options = webdriver.ChromeOptions()
    options.binary_location = _program("chromium", "chromium-browser", "google-chrome")
    flags = (
        "--headless",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        # Without these it asks the network for things of its own, and waits.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    )
    for flag in flags:
        options.add_argument(flag)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's sandbox refuses to run as root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(_program("chromedriver")))
    yield browser
    browser.quit()


@pytest.fixture
def page(driver: webdriver.Chrome) -> Iterator[Page]:
    """The page in a desktop window, as nobody in particular. Complaints in the browser's console
    fail the test, unless it takes them first with :meth:`Page.complaints`."""
    page = Page(driver)
    page.size(1280, 900)
    driver.get("about:blank")
    page.complaints()
    yield page
    assert page.complaints() == []
    driver.get("about:blank")


@pytest.fixture
def fake() -> Iterator[Fake]:
    """Our HTTP interface without a cluster, for states that are hard to bring about."""
    with running() as fake:
        yield fake
