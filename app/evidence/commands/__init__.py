"""Changing evidence: add, upload, send, verify, return. Bytes are stored before any of this and deleted after it."""

from app.evidence.commands.checks import return_item, verify_item
from app.evidence.commands.documents import attach_document, open_narrow_document, record_scan
from app.evidence.commands.items import add_item, change_item, submit_item
from app.evidence.commands.looks import release_check, take_check, take_second_look
from app.evidence.commands.refusals import confirm_refusal, propose_refusal, send_refusal_back, withdraw_refusal
from app.evidence.commands.registers import LookedAt, attach_capture, record_register_check

__all__ = [
    "LookedAt",
    "add_item",
    "attach_capture",
    "attach_document",
    "change_item",
    "confirm_refusal",
    "open_narrow_document",
    "propose_refusal",
    "record_register_check",
    "record_scan",
    "release_check",
    "return_item",
    "send_refusal_back",
    "submit_item",
    "take_check",
    "take_second_look",
    "verify_item",
    "withdraw_refusal",
]
