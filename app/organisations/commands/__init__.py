"""Who belongs where: seats given and ended, people invited, and people who ask to join. Ended seats stay on record."""

from app.organisations.commands.forgetting import forget_people
from app.organisations.commands.joining import accept_join, ask_to_join, leave_organisation, refuse_join
from app.organisations.commands.seats import (
    accept_invitation,
    add_organisation,
    appoint,
    end_seat,
    give_seat,
    invite,
    invite_first,
    withdraw_invitation,
)

__all__ = [
    "accept_invitation",
    "accept_join",
    "add_organisation",
    "appoint",
    "ask_to_join",
    "end_seat",
    "forget_people",
    "give_seat",
    "invite",
    "invite_first",
    "leave_organisation",
    "refuse_join",
    "withdraw_invitation",
]
