"""Who has a pair of keys, and what is bound into the wrap of a private one. Pure."""

from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID


class Holder(StrEnum):
    BRIEF = "brief"
    ORGANISATION = "organisation"


def bound(holder: Holder, holder_id: UUID, public_key: bytes, not_before: datetime | None) -> bytes:
    """Change any of these in the database, and the private key does not unwrap."""
    moment = not_before.astimezone(UTC).isoformat() if not_before else ""
    return b"portal sealing key 1 " + b"\x00".join((holder.encode(), holder_id.bytes, public_key, moment.encode()))


def vouched_for(holder: Holder, holder_id: UUID, public_key: bytes) -> bytes:
    """What the keyholder vouches for: whose key it is. The hour, which may move, is bound into the private one alone."""
    return bound(holder, holder_id, public_key, None)


def bound_of_price(bid_id: UUID) -> bytes:
    """To what the price of a bid is bound that is sealed apart: never mistaken for the rest of its letter."""
    return b"price " + bid_id.bytes
