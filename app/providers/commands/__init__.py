"""Changing providers: register, describe, pause and return, what it offers, and who works there."""

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

__all__ = [
    "TAKEN",
    "add_practitioner",
    "archive_provider",
    "choose_areas",
    "choose_therapies",
    "mark_practitioner_left",
    "note_duplicates",
    "pause_provider",
    "register_provider",
    "return_provider",
    "settle_duplicate",
    "tell_numbers",
    "update_profile",
]
