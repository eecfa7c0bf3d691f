"""When somebody asks: the hour and the day as points on circles, weekends and holidays."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Container
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime, timedelta

from cachetools import LRUCache

from plugin.model import Query

Days = Container[date]
COUNTRIES = 64
"""Calendars that one process keeps."""
_COUNTRY = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{4})?[-_](?P<country>[a-z]{2})\b", re.IGNORECASE)


def time(now: datetime, *, holiday: bool, eve: bool) -> dict[str, float]:
    """Features of the moment ``now``."""
    hour = 2 * math.pi * (now.hour + now.minute / 60) / 24
    day = 2 * math.pi * now.weekday() / 7
    return {
        "hour_sin": math.sin(hour),
        "hour_cos": math.cos(hour),
        "weekday_sin": math.sin(day),
        "weekday_cos": math.cos(day),
        "weekend": float(now.weekday() >= 5),
        "holiday": float(holiday),
        "eve": float(eve),
    }


class Holidays:
    """Public holidays where a locale is from (``en-GB``: of the United Kingdom).

    Reading a country's calendar takes up to a second, so it is read beside: until then no day is
    one. Safe to share between threads.
    """

    def __init__(self, read: Callable[[str], Days] | None = None) -> None:
        self._read = read or _read
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="ltrr-holidays")
        self._calendars: LRUCache[str, Future[Days]] = LRUCache(COUNTRIES)
        self._lock = threading.Lock()

    def about(self, query: Query) -> tuple[bool, bool]:
        """Whether the query's day is a holiday, and whether the next one is."""
        found = _COUNTRY.match(query.locale or "")
        if found is None:
            return False, False
        days = self._days(found["country"].upper())
        today = query.now.date()
        return today in days, today + timedelta(days=1) in days

    def _days(self, country: str) -> Days:
        with self._lock:
            calendar = self._calendars.get(country)
            if calendar is None:
                calendar = self._calendars[country] = self._reader.submit(self._read, country)
        return calendar.result() if calendar.done() else ()


def _read(country: str) -> Days:
    """The calendar of an ISO 3166 country code; empty where the library knows none."""
    import holidays  # slow to import, and only needed where locales are given

    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return ()
