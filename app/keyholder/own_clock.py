"""The keyholder's own clock: read once at its start, then carried on by what no setting of the time can move."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

OwnClock = Callable[[], datetime]


def own_clock() -> OwnClock:
    began, since = datetime.now(UTC), time.monotonic()
    return lambda: began + timedelta(seconds=time.monotonic() - since)
