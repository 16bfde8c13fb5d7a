"""Changing evidence: add, upload, send, verify, return. Bytes are stored before any of this and deleted after it."""

from app.evidence.commands.checks import return_item, verify_item
from app.evidence.commands.dbs import correct_status, note_original_seen, record_dbs
from app.evidence.commands.documents import (
    attach_capture,
    attach_document,
    note_no_answer,
    open_narrow_document,
    record_scan,
)
from app.evidence.commands.forgetting import forget_due_people
from app.evidence.commands.items import Stated, add_item, change_item, state_expiries, submit_item
from app.evidence.commands.looks import release_check, take_check, take_second_look
from app.evidence.commands.refusals import confirm_refusal, propose_refusal, send_refusal_back, withdraw_refusal
from app.evidence.commands.registers import LookedAt, record_register_check
from app.evidence.commands.retention import lift_legal_hold, note_bytes_gone, purge, set_legal_hold
from app.evidence.commands.told import settle
from app.evidence.commands.upkeep import begin_duty, give_reminder_address, remind, tell_of_lapses

__all__ = [
    "LookedAt",
    "Stated",
    "add_item",
    "attach_capture",
    "attach_document",
    "begin_duty",
    "change_item",
    "confirm_refusal",
    "correct_status",
    "forget_due_people",
    "give_reminder_address",
    "lift_legal_hold",
    "note_bytes_gone",
    "note_no_answer",
    "note_original_seen",
    "open_narrow_document",
    "propose_refusal",
    "purge",
    "record_dbs",
    "record_register_check",
    "record_scan",
    "release_check",
    "remind",
    "return_item",
    "send_refusal_back",
    "set_legal_hold",
    "settle",
    "state_expiries",
    "submit_item",
    "take_check",
    "take_second_look",
    "tell_of_lapses",
    "verify_item",
    "withdraw_refusal",
]
