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
from app.providers.commands.importing import import_practitioners, keep_import
from app.providers.commands.offers import choose_areas, choose_therapies
from app.providers.commands.practice import (
    allow_therapy,
    change_practitioner,
    keep_insurance,
    keep_qualification,
    keep_registration,
    keep_supervision,
    record_dbs,
    remove_entry,
    return_practitioner,
)
from app.providers.commands.practitioners import add_practitioner, forget_practitioners, mark_practitioner_left
from app.providers.commands.profile import (
    TAKEN,
    archive_provider,
    list_provider,
    pause_provider,
    register_provider,
    return_provider,
    tell_number,
    tell_numbers,
    update_profile,
)
from app.providers.commands.services import choose_services, set_reach
from app.providers.commands.sites import add_site, close_site, update_site

__all__ = [
    "TAKEN",
    "accept_membership",
    "add_practitioner",
    "add_site",
    "allow_therapy",
    "archive_provider",
    "change_practitioner",
    "choose_areas",
    "choose_services",
    "choose_therapies",
    "close_site",
    "decline_membership",
    "end_consortium",
    "forget_practitioners",
    "import_practitioners",
    "invite_member",
    "keep_import",
    "keep_insurance",
    "keep_qualification",
    "keep_registration",
    "keep_supervision",
    "leave_consortium",
    "list_provider",
    "mark_practitioner_left",
    "note_duplicates",
    "pause_provider",
    "record_dbs",
    "register_provider",
    "remove_entry",
    "return_practitioner",
    "return_provider",
    "set_reach",
    "settle_duplicate",
    "start_consortium",
    "tell_number",
    "tell_numbers",
    "update_profile",
    "update_site",
]
