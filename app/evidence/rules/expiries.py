"""How near an expiry is, in the bands by which people plan. Pure."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class Band(StrEnum):
    OVERDUE = "overdue"
    FORTNIGHT = "fortnight"
    SOON = "soon"
    LATER = "later"


BANDS: Final = {
    Band.OVERDUE: "Already expired",
    Band.FORTNIGHT: "Within 14 days",
    Band.SOON: "Within 60 days",
    Band.LATER: "Later",
}
WITHIN: Final = (14, 30, 60, 180, 365)
"""The days people may ask for."""


def band(expires_on: date, on: date) -> Band:
    """What expires today still counts until the end of the day, so it is not overdue."""
    if on > expires_on:
        return Band.OVERDUE
    if expires_on <= on + timedelta(days=14):
        return Band.FORTNIGHT
    return Band.SOON if expires_on <= on + timedelta(days=60) else Band.LATER


def within(expires_on: date, on: date, days: int | None) -> bool:
    """Whether it has expired or will within so many days; any day will do where none are given."""
    return days is None or expires_on <= on + timedelta(days=days)
