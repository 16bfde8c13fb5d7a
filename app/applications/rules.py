"""What may happen to an application and to each of its parts. Pure."""

from enum import StrEnum


class Decision(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
