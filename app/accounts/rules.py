"""What a password must be, how long links live, how many tries there are. Pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class LinkKind(StrEnum):
    CONFIRM = "confirm"
    RESET = "reset"


LINK_LIFE: Final = {LinkKind.CONFIRM: timedelta(days=3), LinkKind.RESET: timedelta(hours=1)}
