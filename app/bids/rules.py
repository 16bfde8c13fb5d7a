"""What may happen to a bid. Pure: no database, no request, no clock."""

from enum import StrEnum


class BidState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
