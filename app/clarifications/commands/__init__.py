"""Changing questions: asked and withdrawn by one side, accepted, returned and answered by the other; followed by anybody."""

from app.clarifications.commands.answering import (
    accept_question,
    agree_to_privacy,
    keep_deadline,
    refuse_privacy,
    return_question,
    send_what_waited,
    write_answer,
)
from app.clarifications.commands.asking import let_public, rewrite_question, withdraw_question, write_question
from app.clarifications.commands.following import follow, tell_daily

__all__ = [
    "accept_question",
    "agree_to_privacy",
    "follow",
    "keep_deadline",
    "let_public",
    "refuse_privacy",
    "return_question",
    "rewrite_question",
    "send_what_waited",
    "tell_daily",
    "withdraw_question",
    "write_answer",
    "write_question",
]
