"""Changing providers: register, describe, pause and return, what it offers, and who works there."""

from app.providers.commands.consortia import (
    accept_membership,
    decline_membership,
    end_consortium,
    invite_member,
    leave_consortium,
    start_consortium,
)
from app.providers.commands.duplicates import note_duplicates, settle_duplicate
from app.providers.commands.offers import choose_areas, choose_therapies
from app.providers.commands.practitioners import add_practitioner, mark_practitioner_left
from app.providers.commands.profile import (
    TAKEN,
    archive_provider,
    pause_provider,
    register_provider,
    return_provider,
    tell_numbers,
    update_profile,
)
from app.providers.commands.sites import add_site, close_site, update_site

__all__ = [
    "TAKEN",
    "accept_membership",
    "add_practitioner",
    "add_site",
    "archive_provider",
    "choose_areas",
    "choose_therapies",
    "close_site",
    "decline_membership",
    "end_consortium",
    "invite_member",
    "leave_consortium",
    "mark_practitioner_left",
    "note_duplicates",
    "pause_provider",
    "register_provider",
    "return_provider",
    "settle_duplicate",
    "start_consortium",
    "tell_numbers",
    "update_profile",
    "update_site",
]
