"""Applying to join lots, certifying and submitting, and deciding each part of an application on its own."""

from app.applications.commands.adding import add_parts, ask_to_be_told, tell_of_rounds
from app.applications.commands.answering import answer_section, write_prices
from app.applications.commands.applying import carry_application, choose_lots, start_application, write_statement
from app.applications.commands.chasing import chase
from app.applications.commands.deciding import accept_part, accept_passing, confirm_refusal, propose_refusal
from app.applications.commands.forgetting import forget_people
from app.applications.commands.returning import change_prices, make_change, request_change
from app.applications.commands.reviewing import ask_to_look_again, decide_review
from app.applications.commands.rounds import keep_for_later, tell_of_extension
from app.applications.commands.submitting import (
    ask_to_certify,
    certify_application,
    go_on_writing,
    restore_application,
    submit_application,
    take_back,
    withdraw_application,
)

__all__ = [
    "accept_part",
    "accept_passing",
    "add_parts",
    "answer_section",
    "ask_to_be_told",
    "ask_to_certify",
    "ask_to_look_again",
    "carry_application",
    "certify_application",
    "change_prices",
    "chase",
    "choose_lots",
    "confirm_refusal",
    "decide_review",
    "forget_people",
    "go_on_writing",
    "keep_for_later",
    "make_change",
    "propose_refusal",
    "request_change",
    "restore_application",
    "start_application",
    "submit_application",
    "take_back",
    "tell_of_extension",
    "tell_of_rounds",
    "withdraw_application",
    "write_prices",
    "write_statement",
]
