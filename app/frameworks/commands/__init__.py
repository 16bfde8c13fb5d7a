"""Changing frameworks: written whole from plain facts, approved by a second person, opened round by round, extended by two."""

from app.frameworks.commands.approving import approve_framework, freeze_questions, revise_questions
from app.frameworks.commands.dbs_files import ask_for_dbs_file
from app.frameworks.commands.extending import approve_extension, propose_extension
from app.frameworks.commands.rounds import cancel_round, extend_round, open_round
from app.frameworks.commands.watching import remind_of_clocks
from app.frameworks.commands.writing import Faulty, create_framework, revise_framework
from app.frameworks.rules import CallOffFacts, CriterionFacts, FrameworkFacts, LotFacts, RegionFacts

__all__ = [
    "CallOffFacts",
    "CriterionFacts",
    "Faulty",
    "FrameworkFacts",
    "LotFacts",
    "RegionFacts",
    "approve_extension",
    "approve_framework",
    "ask_for_dbs_file",
    "cancel_round",
    "create_framework",
    "extend_round",
    "freeze_questions",
    "open_round",
    "propose_extension",
    "remind_of_clocks",
    "revise_framework",
    "revise_questions",
]
