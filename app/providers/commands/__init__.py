"""Changing providers: register, describe, pause and return, what it offers, and who works there."""

from app.providers.commands.offers import choose_areas, choose_therapies
from app.providers.commands.practitioners import add_practitioner, mark_practitioner_left
from app.providers.commands.profile import TAKEN, pause_provider, register_provider, return_provider, update_profile

__all__ = [
    "TAKEN",
    "add_practitioner",
    "choose_areas",
    "choose_therapies",
    "mark_practitioner_left",
    "pause_provider",
    "register_provider",
    "return_provider",
    "update_profile",
]
