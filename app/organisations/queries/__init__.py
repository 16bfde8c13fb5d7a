"""Looking at organisations, regions, seats, invitations and requests to join."""

from app.organisations.queries.joining import Asked, asked, open_requests
from app.organisations.queries.paging import later_by_name
from app.organisations.queries.people import (
    Contact,
    HeldSeat,
    Invitation,
    People,
    Waiting,
    actor_and_time,
    actor_signed_in,
    contacts,
    contacts_of,
    emails_of,
    invitation,
    managed,
    managers_beside,
    names,
    names_and_emails,
    people,
    seats_of,
)

__all__ = [
    "Asked",
    "Contact",
    "HeldSeat",
    "Invitation",
    "People",
    "Waiting",
    "actor_and_time",
    "actor_signed_in",
    "asked",
    "contacts",
    "contacts_of",
    "emails_of",
    "invitation",
    "later_by_name",
    "managed",
    "managers_beside",
    "names",
    "names_and_emails",
    "open_requests",
    "people",
    "seats_of",
]
