"""Answering as late for what is known as for what is not, where the time would tell."""

import time
from typing import Final

from app.core.clock import Arrival

EVEN: Final = 0.25  # seconds: longer than any of the work it hides


def answer_evenly(arrived: Arrival) -> None:
    """Answer no sooner than a set time after the request came, so that the time does not tell whose name is known."""
    time.sleep(max(0.0, arrived + EVEN - time.monotonic()))
