"""Changing evidence: add, upload, send, verify, return. Bytes are stored before any of this and deleted after it."""

from app.evidence.commands.checks import return_item, verify_item
from app.evidence.commands.documents import attach_document, open_narrow_document, record_scan
from app.evidence.commands.items import add_item, change_item, submit_item
from app.evidence.commands.upkeep import begin_duty, give_reminder_address, remind, tell_of_lapses

__all__ = [
    "add_item",
    "attach_document",
    "begin_duty",
    "change_item",
    "give_reminder_address",
    "open_narrow_document",
    "record_scan",
    "remind",
    "return_item",
    "submit_item",
    "tell_of_lapses",
    "verify_item",
]
