"""Changing memberships, and what agencies say about the facts they rely on."""

from app.memberships.commands.answers import forget_people, keep_answer, keep_refused
from app.memberships.commands.changes import accept_change, ask_about_change, mail_changes, note_change
from app.memberships.commands.floors import confirm_end, decide_rating
from app.memberships.commands.leaving import (
    end_membership,
    end_what_is_over,
    give_notice,
    pause_membership,
    return_membership,
)
from app.memberships.commands.opening import open_membership
from app.memberships.commands.pack import hand_out_pack
from app.memberships.commands.reliance import check_ourselves, open_relied_document, set_reliance
from app.memberships.commands.rounds import tell_members_of_round

__all__ = [
    "accept_change",
    "ask_about_change",
    "check_ourselves",
    "confirm_end",
    "decide_rating",
    "end_membership",
    "end_what_is_over",
    "forget_people",
    "give_notice",
    "hand_out_pack",
    "keep_answer",
    "keep_refused",
    "mail_changes",
    "note_change",
    "open_membership",
    "open_relied_document",
    "pause_membership",
    "return_membership",
    "set_reliance",
    "tell_members_of_round",
]
