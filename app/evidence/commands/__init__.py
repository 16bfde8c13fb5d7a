"""Changing evidence: add, upload, send, verify, return. Bytes are stored before any of this and deleted after it."""

from app.evidence.commands.checks import return_item, verify_item
from app.evidence.commands.documents import attach_document, note_no_answer, open_narrow_document, record_scan
from app.evidence.commands.items import add_item, change_item, submit_item

__all__ = [
    "add_item",
    "attach_document",
    "change_item",
    "note_no_answer",
    "open_narrow_document",
    "record_scan",
    "return_item",
    "submit_item",
    "verify_item",
]
