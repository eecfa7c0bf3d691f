"""On the path of a process, its wall clock is off by the seconds that a file says, at any moment.

Python imports this by itself before anything else; ``LTRR_TEST_CLOCK`` names the file.
"""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path

_OFFSET = Path(os.environ["LTRR_TEST_CLOCK"])
_real_time = time.time


def _offset_s() -> float:
    return float(_OFFSET.read_text() or 0)


class _Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(_real_time() + _offset_s(), tz)


def _jumping_time() -> float:
    return _real_time() + _offset_s()


setattr(datetime, "datetime", _Jumping)  # noqa: B010 - for whoever imports it from now on
setattr(time, "time", _jumping_time)  # noqa: B010
